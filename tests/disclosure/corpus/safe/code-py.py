import pandas as pd

SEED = 4857773411
LIMITS = (3, 5, 8)


def clean(frame):
    return frame[frame.age > 17].dropna()
