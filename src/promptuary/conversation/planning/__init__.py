"""From a question to a plan: pure functions of the words, the site and the time."""
