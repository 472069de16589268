-- Records whose date can't be read, all of them: they are in no day's figures.
SELECT
  account,
  count(*) AS records,
  min(first_seen_at) AS first_seen_at,
  max(first_seen_at) AS last_seen_at
FROM calls
WHERE dt = 'unknown'
GROUP BY account
ORDER BY account
