"""Repairs for Go."""
