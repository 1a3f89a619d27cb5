"""The taxonomy as a page: the tree, one item, what fits none, and what a change would do."""
