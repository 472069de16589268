-- How long customers wait and talk, answered calls by day: the half, nine of ten, 95 of 100 take no longer.
-- Exact, by nearest rank.
SELECT
  dt,
  max(waits) AS calls,
  min(CASE WHEN wait_rank >= 0.50 * waits THEN wait_seconds END) AS wait_p50,
  min(CASE WHEN wait_rank >= 0.90 * waits THEN wait_seconds END) AS wait_p90,
  min(CASE WHEN wait_rank >= 0.95 * waits THEN wait_seconds END) AS wait_p95,
  min(CASE WHEN talk_rank >= 0.50 * talks THEN talk_seconds END) AS talk_p50,
  min(CASE WHEN talk_rank >= 0.90 * talks THEN talk_seconds END) AS talk_p90,
  min(CASE WHEN talk_rank >= 0.95 * talks THEN talk_seconds END) AS talk_p95
FROM (
  SELECT
    dt, wait_seconds, talk_seconds,
    count(wait_seconds) OVER (PARTITION BY dt) AS waits,
    count(talk_seconds) OVER (PARTITION BY dt) AS talks,
    row_number() OVER (PARTITION BY dt ORDER BY wait_seconds) AS wait_rank,
    row_number() OVER (PARTITION BY dt ORDER BY talk_seconds) AS talk_rank
  FROM calls
  WHERE dt BETWEEN :from AND :to AND status = 'answered'
) AS ranked
GROUP BY dt
ORDER BY dt
