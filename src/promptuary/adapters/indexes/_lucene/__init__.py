"""What Elasticsearch and OpenSearch share: one layout of documents, one way to ask.

| file            | what it is about                                                            |
|-----------------|-----------------------------------------------------------------------------|
| `addresses.py`  | the URL: where the engine is, how it lets us in, how an index is laid out    |
| `wire.py`       | one request, and the engine's refusals as our errors                         |
| `dialect.py`    | the few things that the two engines say differently                          |
| `layout.py`     | mapping and settings of an index                                             |
| `documents.py`  | entries as documents, and back                                               |
| `filters.py`    | the filter language in the engine's queries                                  |
| `words.py`      | our own words as weighted features, and the terms that an index holds        |
| `opening.py`    | opening: of the right kind, version and space, or made anew                  |
| `generations.py`| an index made anew beside the one that serves                                |
| `writing.py`    | bulk writes                                                                  |
| `lexicons.py`   | the terms of an index, counted by the engine                                 |
| `synonyms.py`   | technical terms that mean the same                                           |
| `index.py`      | the index                                                                    |
"""
