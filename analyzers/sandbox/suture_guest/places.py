"""Where things are inside the sandbox, apart from those that are where they are outside."""

LOWER = "/.suture/ws"  # the real workspace, read-only, until the view over it is made
SCRATCH = "/.suture/rw"  # what a job may fill: changes to the workspace, /tmp, /dev/shm
LIBRARY = "/.suture/lib"  # Suture's source and this package
DEPENDENCIES = "/.suture/dep"  # what Suture's workers import besides, when the interpreter is not Suture's own
CACHE = "/tmp/.suture-cache"  # compiled parts that a job finds and may add to, see warmth.py
CACHE_LAYERS = "/.suture/cache"  # the host's layers of it, numbered, read-only; hidden before the job starts
CACHE_SCRATCH = "/.suture/cache-rw"  # what the job adds; hidden too
