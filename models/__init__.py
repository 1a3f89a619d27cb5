"""What things are, and the rules on them. Standard library only; `now` is an argument."""
