"""Arithmetic of accounts: no framework, no clock, no I/O."""
