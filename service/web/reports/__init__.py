"""What became of what one CSM reported."""
