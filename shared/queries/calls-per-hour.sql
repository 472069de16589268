-- Calls by hour of the day, India time, with the hours that had none.
-- Records whose start can't be read are left out.
SELECT
  hours.hour_ist,
  count(found.hour_ist) AS calls,
  count(CASE WHEN status = 'answered' THEN 1 END) AS answered,
  count(CASE WHEN status = 'missed' THEN 1 END) AS missed
FROM (SELECT CAST(h AS INTEGER) AS hour_ist FROM UNNEST(sequence(0, 23)) AS clock (h)) AS hours
LEFT JOIN (
  SELECT CAST(hour(start_ist) AS INTEGER) AS hour_ist, status FROM calls WHERE dt BETWEEN :from AND :to
) AS found ON found.hour_ist = hours.hour_ist
GROUP BY hours.hour_ist
ORDER BY hours.hour_ist
