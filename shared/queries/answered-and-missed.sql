-- Answered and missed calls, by direction and service.
SELECT
  direction,
  service,
  count(*) AS calls,
  count(CASE WHEN status = 'answered' THEN 1 END) AS answered,
  count(CASE WHEN status = 'missed' THEN 1 END) AS missed,
  round(100.0 * count(CASE WHEN status = 'answered' THEN 1 END) / count(*), 1) AS answered_percent
FROM calls
WHERE dt BETWEEN :from AND :to
GROUP BY direction, service
ORDER BY calls DESC, direction, service
