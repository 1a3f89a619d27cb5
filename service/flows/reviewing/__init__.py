"""The parts of the review queue: what is asked, and what an answer would change."""
