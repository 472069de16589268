-- How calls of each campaign ended, as the agents chose.
SELECT
  campaign,
  disposition,
  count(*) AS calls,
  round(100.0 * count(*) / sum(count(*)) OVER (PARTITION BY campaign), 1) AS percent_of_campaign,
  CAST(round(avg(talk_seconds)) AS INTEGER) AS average_talk_seconds
FROM calls
WHERE dt BETWEEN :from AND :to AND campaign IS NOT NULL
GROUP BY campaign, disposition
ORDER BY campaign, calls DESC, disposition
