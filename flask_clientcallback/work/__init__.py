"""Work that takes longer than a moment: told part by part, or in the background."""
