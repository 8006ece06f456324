"""Data folders as earlier versions wrote them, and what everybody saw of them: every later version shows the same."""
