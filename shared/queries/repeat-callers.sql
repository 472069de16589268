-- Customers who called in more than once; most often first.
SELECT
  account,
  customer,
  count(*) AS calls,
  count(DISTINCT dt) AS days,
  count(CASE WHEN status = 'answered' THEN 1 END) AS answered,
  min(start_ist) AS first_ist,
  max(start_ist) AS last_ist
FROM calls
WHERE dt BETWEEN :from AND :to AND direction = 'inbound' AND customer IS NOT NULL
GROUP BY account, customer
HAVING count(*) > 1
ORDER BY calls DESC, account, customer
