"""Tests in a real Chromium, on http://hall.test: a hall has no secure context."""
