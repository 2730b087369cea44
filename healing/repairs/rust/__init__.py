"""Repairs for Rust."""
