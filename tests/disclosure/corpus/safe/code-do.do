use cohort, clear
set seed 20240131
tabulate sex region if year >= 2004
logit y i.sex c.age
