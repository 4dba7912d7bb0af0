"""Forms of scoring. They check shape; rules live in actions."""
