"""Which requests are admitted, and how they are answered."""
