"""The board of a quarter and the receipt of one signal."""
