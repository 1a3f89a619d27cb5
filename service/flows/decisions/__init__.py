"""What each decision of CS Ops does to the store: one file per action."""
