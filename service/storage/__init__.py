"""Storage: the store, its tables, and one file of queries per noun."""
