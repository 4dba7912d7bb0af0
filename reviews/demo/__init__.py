"""The demo company's surveys; accounts and people are there before."""

from datetime import date

from reviews.demo.surveys import build_surveys

__all__ = ["build"]


def build(today: date) -> None:
    """Build everything once: what is there already stays as it is. Dates keep their distance to `today`."""
    build_surveys(today)
