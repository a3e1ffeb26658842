"""The pages, one module per noun. Each has a ``router`` and does nothing but parse, ask the desk, and render."""
