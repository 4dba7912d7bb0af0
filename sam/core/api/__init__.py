"""The base of every API: strict input, guarded actions, revisions, problem details, cursor pages."""
