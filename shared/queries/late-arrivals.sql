-- Calls that came into the archive more than 30 minutes after their end, by day.
-- A backfill is late by nature.
SELECT
  dt,
  count(*) AS calls,
  count(CASE WHEN first_seen_at > end_at + INTERVAL '30' MINUTE THEN 1 END) AS late,
  count(CASE WHEN inserted_at > end_at + INTERVAL '30' MINUTE THEN 1 END) AS late_at_the_source,
  max(CASE WHEN first_seen_at > end_at + INTERVAL '30' MINUTE THEN first_seen_at END) AS last_late_seen_at
FROM calls
WHERE dt BETWEEN :from AND :to
GROUP BY dt
ORDER BY dt
