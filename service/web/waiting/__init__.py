"""What fits no item yet, and where it could go."""
