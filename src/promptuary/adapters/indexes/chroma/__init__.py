"""`chroma:/path/to/folder` or `chroma://host:8000/name`: Chroma, in this process or on a server.

| file         | what it is about                                                               |
|--------------|--------------------------------------------------------------------------------|
| `opening.py` | from a URL to an open index: the client, the collections, a folder's lock      |
| `engine.py`  | what is written, and how it is found                                           |
| `log.py`     | the log and the notes                                                          |
| `records.py` | entries as records, and back                                                   |
| `filters.py` | the filter language in Chroma's conditions                                     |
| `asking.py`  | the client's calls in threads, and its failures as our errors                  |
"""

from promptuary.adapters.indexes.chroma.opening import connect

__all__ = ["connect"]
