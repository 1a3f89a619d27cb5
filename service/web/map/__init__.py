"""The map: a quarter's requests in the plane."""
