-- How many answered calls waited, and talked, for how long.
-- From a bound on, and below the next; the last has none.
SELECT
  bounds.from_seconds,
  bounds.below_seconds,
  count(CASE WHEN wait_seconds >= from_seconds AND wait_seconds < COALESCE(below_seconds, 2147483647) THEN 1 END) AS waited,
  count(CASE WHEN talk_seconds >= from_seconds AND talk_seconds < COALESCE(below_seconds, 2147483647) THEN 1 END) AS talked
FROM (
  VALUES (0, 5), (5, 10), (10, 20), (20, 30), (30, 60), (60, 120), (120, 300), (300, 600), (600, 1800), (1800, NULL)
) AS bounds (from_seconds, below_seconds)
LEFT JOIN (
  SELECT wait_seconds, talk_seconds FROM calls WHERE dt BETWEEN :from AND :to AND status = 'answered'
) AS taken ON true
GROUP BY bounds.from_seconds, bounds.below_seconds
ORDER BY bounds.from_seconds
