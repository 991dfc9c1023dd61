"""`qdrant://:KEY@host:6333/name` a Qdrant server, in two collections: the entries and the log.

| file         | what it is about                                                               |
|--------------|--------------------------------------------------------------------------------|
| `opening.py` | from a URL to an open index: the client, the collections                       |
| `engine.py`  | what is written, and how it is found                                           |
| `points.py`  | entries as points, and back                                                    |
| `filters.py` | the filter language in the server's conditions                                 |
| `errors.py`  | the client's failures as our errors                                            |
"""

from promptuary.adapters.indexes.qdrant.opening import connect

__all__ = ["connect"]
