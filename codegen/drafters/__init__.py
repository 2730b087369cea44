"""What can draft code, one file each: reuse, synthesis, and a model (through :mod:`..governor`)."""
