"""Arithmetic of surveys and reviews: no framework, no clock, no I/O."""
