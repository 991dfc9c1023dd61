"""The Model Context Protocol: kept prompts and what can be done with them, for assistants.

`server.py` is the protocol, `serving.py` how it is reached: standard input and output, or HTTP.
"""
