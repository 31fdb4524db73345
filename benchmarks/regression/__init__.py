"""What asv follows over commits; docs/benchmarks.md has the command."""
