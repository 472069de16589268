-- Calls that more than one agent answered.
SELECT
  calls.dt,
  calls.account,
  calls.call_id,
  calls.start_ist,
  calls.agents_answered,
  calls.agent_id AS last_agent_id,
  calls.talk_seconds
FROM calls
WHERE calls.dt BETWEEN :from AND :to AND calls.agents_answered > 1
ORDER BY calls.start_ist, calls.account, calls.call_id
