"""The digest as it is sent: as Markdown and as HTML."""
