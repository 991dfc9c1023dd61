"""What indexes on servers share: words scored alike everywhere, and one way to keep an entry.

| file         | what it is about                                                               |
|--------------|--------------------------------------------------------------------------------|
| `index.py`   | the port, over an engine that keeps entries and a log                          |
| `engine.py`  | what such an engine must be able to do                                         |
| `words.py`   | the lexicon, replayed from the log                                             |
| `records.py` | what one batch brought, as it stands in the log                                |
| `recounting.py` | whether words are counted as they stand in the entries                    |
| `facts.py`   | what a payload says, so that engines need not understand it                    |
| `kept.py`    | an entry as one text that gives back every value exactly                       |
| `listing.py` | ids in order, where an engine cannot list them so                              |
| `urls.py`    | the address of a server, its credentials and its options                       |
"""
