"""The desk: one module per verb, and the only place that opens a transaction.

Every change of state is written to the ledger in the transaction that makes it. Nothing here knows about HTTP.
"""
