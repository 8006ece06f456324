"""One file is one activity: its settings, what participants may do in it, what it adds to a phase."""
