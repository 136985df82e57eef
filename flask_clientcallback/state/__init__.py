"""What a page keeps from one request to the next, and whom it belongs to."""
