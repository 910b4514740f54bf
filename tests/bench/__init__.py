"""The benchmarks: their figures, pages and budgets."""
