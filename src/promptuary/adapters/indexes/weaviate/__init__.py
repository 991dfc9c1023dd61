"""`weaviate://:KEY@host:8080/name` a Weaviate server, in two collections: the entries and the log.

| file         | what it is about                                                               |
|--------------|--------------------------------------------------------------------------------|
| `opening.py` | from a URL to an open index: the client, the collections                       |
| `engine.py`  | what is written, and how it is found                                           |
| `log.py`     | the log and the notes                                                          |
| `objects.py` | entries as the server's objects, and back                                      |
| `fields.py`  | a property for each field of the payloads, made when it is first seen          |
| `filters.py` | the filter language in the server's conditions                                 |
| `errors.py`  | the client's failures as our errors                                            |
"""

from promptuary.adapters.indexes.weaviate.opening import connect

__all__ = ["connect"]
