"""Ways to run a workspace, one module per kind of machine, all with one contract: gate, data, clean start and end."""
