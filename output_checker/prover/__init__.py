"""The prover: starts a workspace that belongs to nobody, lets the probes loose in it and outside it, and records both.

A service of the hub with one right: to start, enter and stop the workspaces of ``PROVER``. It never opens a
researcher's file and reads no dataset.
"""
