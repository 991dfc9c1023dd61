"""The only rooms that know vendors. A file's name is the scheme of the URLs that it opens."""
