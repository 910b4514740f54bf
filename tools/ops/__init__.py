"""Commands for operators: create the first owner, create the cursor key, restore a table, compute the costs."""
