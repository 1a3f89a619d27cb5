"""The month's digest, as it will be sent."""
