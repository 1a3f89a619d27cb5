"""The simulator: other thresholds over the last quarters."""
