"""How the shipped weights were made: data, networks, one command for each. Not used at run time."""
