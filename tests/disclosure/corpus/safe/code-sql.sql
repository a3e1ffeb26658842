SELECT region, COUNT(*) AS n FROM cohort WHERE year >= 2004 GROUP BY region HAVING COUNT(*) >= 10;
