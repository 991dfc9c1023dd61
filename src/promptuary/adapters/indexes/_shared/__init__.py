"""What several indexes share.

| file         | what it is about                                                               |
|--------------|--------------------------------------------------------------------------------|
| `facts.py`   | what a payload says, so that engines need not understand it                    |
| `records.py` | what one batch brought, as it stands in a log                                  |
"""
