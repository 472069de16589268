-- What each agent did on each day: dialled, answered, let ring, talked.
SELECT
  dt,
  agent_id,
  max(agent_name) AS agent_name,
  count(*) AS calls,
  count(CASE WHEN answered THEN 1 END) AS answered,
  count(CASE WHEN NOT answered THEN 1 END) AS not_answered,
  CAST(round(avg(ring_seconds)) AS INTEGER) AS average_ring_seconds,
  sum(talk_seconds) AS talk_seconds,
  CAST(round(avg(talk_seconds)) AS INTEGER) AS average_talk_seconds,
  min(start_ist) AS first_call_ist,
  max(start_ist) AS last_call_ist
FROM agent_legs
WHERE dt BETWEEN :from AND :to
GROUP BY dt, agent_id
ORDER BY dt, answered DESC, agent_id
