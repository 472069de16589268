-- Answered calls of less than 10 s of talk, by the agent who answered last.
SELECT
  agent_id,
  max(agent_name) AS agent_name,
  count(*) AS answered,
  count(CASE WHEN talk_seconds < 10 THEN 1 END) AS short,
  round(100.0 * count(CASE WHEN talk_seconds < 10 THEN 1 END) / count(*), 1) AS short_percent
FROM calls
WHERE dt BETWEEN :from AND :to AND status = 'answered'
GROUP BY agent_id
HAVING count(CASE WHEN talk_seconds < 10 THEN 1 END) > 0
ORDER BY short DESC, agent_id
