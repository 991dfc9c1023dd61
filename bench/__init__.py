"""Speed, memory and quality, each beside a peer in the same run. `python -m bench --help`."""
