from .link import Link, LinkView
from .publication import Publication
from .submission import Submission

__all__ = ["Link", "LinkView", "Publication", "Submission"]
