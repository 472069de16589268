-- Every change of a record after it was first seen: what changed, and when it was noticed; newest first.
SELECT
  dt,
  account,
  key,
  revision_number,
  changed,
  status,
  disposition,
  end_ist,
  revised_at + INTERVAL '330' MINUTE AS noticed_ist
FROM call_revisions
WHERE dt BETWEEN :from AND :to AND revision_number > 1
ORDER BY noticed_ist DESC, account, key, revision_number DESC
