"""What a café costs a month: from what its requests are measured to take, and the prices that AWS publishes.

The parts: ``prices.toml`` has every price with its source, ``measured.json`` what requests took when they were last
measured (``measure``), ``mix`` which requests come how often and what else is assumed, ``model`` computes, ``page``
writes docs/cost.md.
"""
