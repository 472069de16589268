-- How soon calls to a queue are answered: within 20 s, and by the dialer's own judgement.
SELECT
  queue,
  count(*) AS calls,
  count(CASE WHEN status = 'answered' THEN 1 END) AS answered,
  count(CASE WHEN status = 'answered' AND wait_seconds <= 20 THEN 1 END) AS answered_within_20_s,
  round(100.0 * count(CASE WHEN status = 'answered' AND wait_seconds <= 20 THEN 1 END) / count(*), 1) AS within_20_s_percent,
  count(CASE WHEN lower(sla) LIKE '%outside%' THEN 1 END) AS outside_sla_says_dialer
FROM calls
WHERE dt BETWEEN :from AND :to AND direction = 'inbound' AND queue IS NOT NULL
GROUP BY queue
ORDER BY calls DESC, queue
