"""The background worker: reads notes as they come, and does the jobs that people asked for."""
