"""The data beside the output: does a table hold records of a dataset, does a text name somebody in it?

``open_dataset`` proves a dataset version by its manifest before a row is read; ``find_evidence`` compares. Answers are
counts, places and column names, never values. Reads only; bounded in rows, columns and time by the numbers below.
"""

from output_checker.microdata.dataset import Dataset, open_dataset
from output_checker.microdata.evidence import Candidate, find_evidence

__all__ = ["Candidate", "Dataset", "find_evidence", "open_dataset"]
