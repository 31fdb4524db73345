"""What is measured: one file a part, each with `measure(sizes)` that returns a section in Markdown."""
