"""Municipal sites → rows. A run is a child process of its own (``python -m crawler.run``)."""
