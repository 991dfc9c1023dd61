"""Reading files in processes of their own, which are stopped when a file takes too much."""
