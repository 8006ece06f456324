"""Pages: what facilitators and participants open in a browser."""
