"""Arithmetic of scorecards and tiers: no framework, no clock, no I/O."""
