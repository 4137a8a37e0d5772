"""Models as files: artifacts, the registry, promotion, and the trial before one serves."""
