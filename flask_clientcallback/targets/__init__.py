"""Who can be called: the view of a page, and its controls."""
