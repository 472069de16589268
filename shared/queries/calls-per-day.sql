-- Calls a day, with the days that had none.
-- answered_percent is null on a day without calls.
SELECT
  day,
  count(start) AS calls,
  count(CASE WHEN status = 'answered' THEN 1 END) AS answered,
  count(CASE WHEN status = 'missed' THEN 1 END) AS missed,
  CASE WHEN count(start) > 0
    THEN round(100.0 * count(CASE WHEN status = 'answered' THEN 1 END) / count(start), 1) END AS answered_percent
FROM (
  SELECT CAST(CAST(d AS DATE) AS VARCHAR) AS day
  FROM UNNEST(sequence(CAST(:from AS DATE), CAST(:to AS DATE), INTERVAL '1' DAY)) AS calendar (d)
) AS days
LEFT JOIN (
  SELECT dt, status, 1 AS start FROM calls WHERE dt BETWEEN :from AND :to
) AS found ON found.dt = days.day
GROUP BY day
ORDER BY day
