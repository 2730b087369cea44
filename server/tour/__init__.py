"""The tour: an editor that plays the four jobs against a real server, on a copy of a real package."""
