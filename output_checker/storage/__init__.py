"""What is kept: the database's schema, the content-addressed store, the ledger and its Merkle tree.

Nothing here decides anything about a request; ``desk`` does, and only ``desk`` opens a transaction.
"""
