"""`pgvector://user:password@host:port/database` an index in PostgreSQL, in a schema of its own.

| file         | what it is about                                                               |
|--------------|--------------------------------------------------------------------------------|
| `opening.py` | from a URL to an open index: the driver's pool, the extension, the tables      |
| `schema.py`  | the tables                                                                     |
| `engine.py`  | what is written, and how it is found                                           |
| `statements.py` | what is said to the server                                                  |
| `maintenance.py` | when the server looks at its tables again                                    |
| `rows.py`    | entries as rows                                                                |
| `vectors.py` | by meaning: with the extension, and without it                                 |
| `filters.py` | the filter language in SQL                                                     |
| `errors.py`  | the driver's failures as our errors                                            |
"""

from promptuary.adapters.indexes.pgvector.opening import connect

__all__ = ["connect"]
