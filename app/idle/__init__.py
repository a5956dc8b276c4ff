"""Idle: how long nobody has touched keyboard or mouse, asked in each system's own way."""
