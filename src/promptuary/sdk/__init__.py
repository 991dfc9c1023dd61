"""Clients of a server elsewhere, with the methods and types of the library."""
