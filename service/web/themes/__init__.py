"""One theme: what is on it, where it comes from, and what CS Ops makes of it."""
