"""Pictures for docs/pictures, taken of a real node in a real Chromium: `python -m tests.pictures [SCENE …]`."""
