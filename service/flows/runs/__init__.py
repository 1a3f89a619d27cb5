"""The parts of a clustering run: what it gathers, what it makes of it, how it is stored."""
