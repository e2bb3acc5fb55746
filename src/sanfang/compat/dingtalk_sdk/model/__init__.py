"""Bodies of messages and fields of approval forms."""
