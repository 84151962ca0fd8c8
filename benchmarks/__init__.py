"""Measurements: how fast and how good, and the fitting of the weights."""
