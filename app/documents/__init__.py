"""Documents: files are read in limited workers, cut into passages, and followed as they change."""
