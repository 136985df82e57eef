"""Who may call, and what is answered."""
