"""The rules of a session: pure. No I/O, no clock, no chance."""
