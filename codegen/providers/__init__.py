"""One file a provider of models; see :mod:`..provider` for what one is."""
