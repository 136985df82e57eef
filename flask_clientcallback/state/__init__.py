"""What a page keeps from one request to the next, and for which user."""
