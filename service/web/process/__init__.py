"""The health of the process, as a VP looks at it once a quarter."""
