-- Which of your numbers are called, and from which telecom circles.
SELECT
  did,
  circle,
  count(*) AS calls,
  round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS percent_of_all,
  count(CASE WHEN status = 'missed' THEN 1 END) AS missed
FROM calls
WHERE dt BETWEEN :from AND :to
GROUP BY did, circle
ORDER BY calls DESC, did, circle
