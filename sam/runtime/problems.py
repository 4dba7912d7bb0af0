"""What stops SAM from starting, in words for the person at the terminal."""


class CannotStart(Exception):
    """The message says what is wrong and what to type."""
