"""`edge:/path/to/folder` the Qdrant engine in this process, in a folder of its own.

| file             | what it is about                                                              |
|------------------|-------------------------------------------------------------------------------|
| `opening.py`     | opening a folder: whole, of the right space, or set aside and begun anew      |
| `index.py`       | the index: one engine call at a time, in a thread                             |
| `store.py`       | what lies in the folder, and how it is written                                |
| `reading.py`     | questions to an open store                                                    |
| `remembering.py` | entries that were read back lately                                            |
| `filters.py`     | the filter language in the engine's conditions                                |
| `points.py`      | entries as the engine's points, and back                                      |
| `ledger.py`      | terms, text fields and payload values by number, with counts, in one log file |
| `engine.py`      | one shard of the engine (`qdrant-edge-py`), and its failures as our errors    |
| `pages.py`       | giving memory back that the system can hold as well                           |
| `folder.py`      | the lock, the small files, the seal that shows damage                         |
"""

from promptuary.adapters.indexes.edge.opening import connect

__all__ = ["connect"]
