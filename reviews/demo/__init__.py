"""The demo company's surveys and reviews; accounts, people and plans are there before."""

from datetime import date

from reviews.demo.reviews import build_reviews
from reviews.demo.surveys import build_surveys

__all__ = ["build"]


def build(today: date) -> None:
    """Build everything once: what is there already stays as it is. Dates keep their distance to `today`."""
    build_surveys(today)
    build_reviews(today)
