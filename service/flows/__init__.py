"""One file per use case; the only code that knows clustering."""
