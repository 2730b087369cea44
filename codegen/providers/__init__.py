"""The model providers, one file each; an installed package adds its own by the entry point ``suture.providers``."""
