"""What must hold whoever asks, whatever they send, and whatever dies meanwhile."""
