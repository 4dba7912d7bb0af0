"""Arithmetic of plans: no framework, no clock, no I/O."""
