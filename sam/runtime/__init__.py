"""Starts and watches what SAM runs on: PostgreSQL, Redis, web, worker and clock. Knows nothing of Django."""
