"""The hub's zone: who may come in, which workspace may start, and how long. It never opens a researcher's file."""
