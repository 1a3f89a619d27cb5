"""The queue of what CS Ops decides."""
