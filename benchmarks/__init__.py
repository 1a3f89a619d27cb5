"""What the README claims, each figure printed by one command, with a peer in the same run."""
