"""Memory: passages are found again by meaning and by words."""
