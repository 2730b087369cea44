"""A shop in three layers: views above the domain above the storage."""
