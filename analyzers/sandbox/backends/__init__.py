"""One file per way of containing code. Each defines ``BACKEND``; :mod:`..opening` finds them here."""
