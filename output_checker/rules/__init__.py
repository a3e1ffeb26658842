"""The rules of the review, pure: what a state allows to whom, who may vote, when something is approved, who may work.

No clock, random, environment, file or database in here: everything arrives as an argument.
"""
