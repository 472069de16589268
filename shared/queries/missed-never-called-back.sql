-- Customers who called in vain, and whom nobody has called or answered since; longest waiting first.
SELECT
  account,
  customer,
  count(CASE WHEN start_at > last_contact OR last_contact IS NULL THEN 1 END) AS missed_calls,
  max(start_ist) AS last_missed_ist,
  max(did) AS did
FROM (
  SELECT
    account, customer, did, start_at, start_ist, status, direction,
    max(CASE WHEN status = 'answered' OR direction <> 'inbound' THEN start_at END)
      OVER (PARTITION BY account, customer) AS last_contact
  FROM calls
  WHERE dt BETWEEN :from AND :to AND customer IS NOT NULL
) AS told
WHERE direction = 'inbound' AND status = 'missed'
GROUP BY account, customer, last_contact
HAVING max(start_at) > last_contact OR last_contact IS NULL
ORDER BY last_missed_ist, account, customer
