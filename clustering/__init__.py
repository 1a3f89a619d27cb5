"""Texts and arrays in, arrays out: reading, vectors, clusters, themes. No database, no web."""
