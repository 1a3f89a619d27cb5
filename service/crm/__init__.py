"""What each vendor sends: verified, and put into our own words. One file for each vendor."""
