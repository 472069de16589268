import { CALL_FIELDS } from './call-fields.ts';
import { type Columns, SQL_TYPES } from './column.ts';
import {
  AGENT_LEGS,
  CALL_EVENTS,
  CALL_REVISIONS,
  CALLS,
  CALLS_MASKED,
  PARTITIONS,
  TABLES,
  type TableName,
} from './columns.ts';
import { DAY_PATHS, DAYS } from './day-columns.ts';
import { type Dialect, literal } from './dialect.ts';
import { readFields, stepInstant, stepText, stepTime } from './fields.ts';
import { RESTORED } from './stored-columns.ts';

/** Where the views find what lies in files. Each is a table, or a table function in parentheses. */
export interface Sources {
  /** Relations with `account`, `dt`, `path`, `record`. */
  readonly raw: readonly string[];
  /** Relations with `account`, `dt`, `path`, `record`: one proof each. */
  readonly proofs: readonly string[];
  /** A relation of curated files, and the first IST date that is not asked there but in the raw archive. */
  readonly curated: { readonly table: string; readonly rawFrom: string } | undefined;
  /** A relation of masked files; undefined where there are none yet. */
  readonly masked: string | undefined;
}

const STAMP = '([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{8})-[0-9a-f]+(-c)?[.]ndjson[.]gz$';
const PLAIN_ID = '^[A-Za-z0-9_.:@|+=-]{1,128}$';
const names = (columns: Columns): string => Object.keys(columns).join(', ');

const callsRaw = (dialect: Dialect, { raw }: Sources): string =>
  raw
    .map(
      (relation) => `SELECT account, dt,
    ${dialect.matched('path', STAMP)} AS stamp,
    regexp_like(path, '-c[.]ndjson[.]gz$') AS by_content,
    path, record
  FROM ${relation}`,
    )
    .join('\n  UNION ALL\n  ');

/** The newest proof of each day. Its times are ISO, which no two engines read alike. */
const days = ({ proofs }: Sources): string => {
  const read = Object.entries(DAY_PATHS).map(([name, path]) => {
    const value = `json_extract_scalar(record, ${literal(path)})`;
    const said =
      DAYS[name as keyof typeof DAY_PATHS].type === 'timestamp'
        ? `replace(substr(${value}, 1, 23), 'T', ' ')`
        : value;
    return `${said} AS ${name}`;
  });
  return `SELECT account, dt, ${read.join(',\n    ')}, record AS proof
  FROM (SELECT account, dt, record, row_number() OVER (PARTITION BY account, dt ORDER BY path DESC) AS place
    FROM (${proofs.map((relation) => `SELECT account, dt, path, record FROM ${relation}`).join('\n    UNION ALL\n    ')}) AS made) AS newest
  WHERE place = 1`;
};

/** A record's content: what is signed anew at every read is no change. */
const contentOf = (dialect: Dialect): string =>
  dialect.md5(dialect.replaceAll('record', 'token=[^&#"\\\\]+', ''));

/** `recordKey` of shared/core/record-key.ts. */
const keyOf = (dialect: Dialect): string => {
  const id = "json_extract_scalar(id_token, '$')";
  return `CASE
      WHEN by_content OR id_token IS NULL OR NOT regexp_like(id_token, '^["0-9-]') OR ${id} = '' OR ${id} = 'N.A.' THEN '~' || ${contentOf(dialect)}
      WHEN regexp_like(${id}, ${literal(PLAIN_ID)}) AND ${id} <> '.' AND ${id} <> '..' THEN ${id}
      ELSE '~id' || substr(${dialect.sha256(dialect.quoted(id))}, 1, 32) END`;
};

/**
 * Every line, read, with its key and its place among its record's contents. The windows are partitioned by (account, dt,
 * key): a filter on `dt` is pushed below a window only on such columns, and without it every question reads everything.
 * Lines are read before, so that a window holds what is asked for and not whole records.
 */
const placed = (dialect: Dialect): string => {
  const lines = `(SELECT account, dt, stamp, by_content, path, record, ${contentOf(dialect)} AS content FROM calls_raw) AS line`;
  const carried = ['account', 'dt', 'stamp', 'by_content', 'path', 'content', 'record'];
  const record = 'PARTITION BY account, dt, key';
  const inOrder = `(${record} ORDER BY stamp NULLS FIRST, path)`;
  return `SELECT *,
      sum(CASE WHEN is_new THEN 1 ELSE 0 END) OVER ${inOrder} AS content_number,
      sum(CASE WHEN is_new THEN 1 ELSE 0 END) OVER (${record}) AS contents,
      min(stamp) OVER (${record}) AS first_stamp,
      max(CASE WHEN is_new THEN stamp END) OVER ${inOrder} AS revision,
      row_number() OVER (${record} ORDER BY stamp DESC NULLS LAST, path DESC) AS age
    FROM (SELECT *, content IS DISTINCT FROM lag(content) OVER ${inOrder} AS is_new
    FROM (SELECT *, ${keyOf(dialect)} AS key
    FROM (${readFields(dialect, lines, carried)}) AS fields) AS keyed) AS compared`;
};

const stampInstant = (dialect: Dialect, stamp: string): string =>
  dialect.instant(`CAST(${dialect.fromHex(`substr(${stamp}, 15, 8)`)} AS DOUBLE)`);

const insertedAt = (dialect: Dialect): string =>
  `CASE WHEN regexp_like(lower(key), '^[0-9a-f]{24}$') THEN ${dialect.instant(`CAST(${dialect.fromHex('substr(lower(key), 1, 8)')} AS DOUBLE)`)} END`;

/** The columns of `HISTORY`, from those of `placed`. */
const history = (dialect: Dialect) => ({
  inserted_at: insertedAt(dialect),
  first_seen_at: stampInstant(dialect, 'first_stamp'),
  revised_at: stampInstant(dialect, 'revision'),
});

/** The columns in their order; those that are not ready under their name by the expressions given. */
const select = (columns: Columns, sql: Readonly<Record<string, string>>): string =>
  Object.keys(columns)
    .map((name) => (sql[name] === undefined ? name : `${sql[name]} AS ${name}`))
    .join(', ');

const newestCalls = (dialect: Dialect): string =>
  `SELECT ${select(CALLS, { ...history(dialect), revisions: 'CAST(contents AS INTEGER)' })}
  FROM (${placed(dialect)}) AS placed WHERE age = 1`;

const calls = (dialect: Dialect, { curated }: Sources): string =>
  curated === undefined
    ? newestCalls(dialect)
    : `SELECT ${names(CALLS)} FROM (${newestCalls(dialect)}) AS fresh WHERE dt >= ${literal(curated.rawFrom)}
  UNION ALL
  SELECT ${select(CALLS, { ...RESTORED, inserted_at: insertedAt(dialect) })} FROM ${curated.table} AS finished WHERE dt < ${literal(curated.rawFrom)}`;

/** Finished days alone: what is not in files yet can be read as it came only by who may see all of it. */
const callsMasked = (dialect: Dialect, { masked }: Sources): string =>
  masked === undefined
    ? `SELECT ${Object.keys(CALLS_MASKED)
        .map((name) => `CAST(NULL AS VARCHAR) AS ${name}`)
        .join(', ')} WHERE false`
    : `SELECT ${select(CALLS_MASKED, { ...RESTORED, inserted_at: insertedAt(dialect) })} FROM ${masked} AS masked`;

const callRevisions = (dialect: Dialect): string => {
  const order = '(PARTITION BY account, dt, key ORDER BY content_number)';
  const differs = Object.keys(CALL_FIELDS)
    .map((name) => `CASE WHEN ${name} IS DISTINCT FROM lag(${name}) OVER ${order} THEN '${name}' END`)
    .join(',\n      ');
  return `SELECT ${select(CALL_REVISIONS, {
    ...history(dialect),
    revision_number: 'CAST(content_number AS INTEGER)',
    is_newest: 'content_number = contents',
    changed: `CASE WHEN content_number > 1 THEN CASE WHEN differing = '' THEN 'record' ELSE differing END END`,
  })}
  FROM (SELECT *, concat_ws(',',
      ${differs}) AS differing
  FROM (${placed(dialect)}) AS placed WHERE is_new) AS revisions_compared`;
};

/** Every step of every call's newest revision. */
const steps = (dialect: Dialect, carried: string): string => {
  const call = `(SELECT ${carried}, ${dialect.entries('record', '$.call_flow')} AS entries FROM calls) AS call`;
  return `SELECT ${carried}, CAST(position AS INTEGER) AS position, entry, ${stepTime('entry')} AS step_time
    FROM (${dialect.unnest(carried, 'entries', call)}) AS step`;
};

const callEvents = (dialect: Dialect): string => {
  const at = stepInstant(dialect, 'step_time');
  const json = dialect.name === 'athena' ? 'json_format(entry)' : 'CAST(entry AS VARCHAR)';
  return `SELECT ${select(CALL_EVENTS, {
    type: stepText('entry', 'type'),
    step_at: at,
    step_ist: `${at} + INTERVAL '330' MINUTE`,
    dial_status: `COALESCE(${stepText('entry', 'dialst')}, ${stepText('entry', 'dept_dialst')})`,
    party_id: stepText('entry', 'id'),
    party_name: stepText('entry', 'name'),
    party_number: stepText('entry', 'num'),
    app_name: stepText('entry', 'app_name'),
    entry: json,
  })}
  FROM (${steps(dialect, 'account, dt, key, call_id')}) AS step`;
};

const agentLegs = (dialect: Dialect): string => {
  const carried = 'account, dt, key, call_id, customer, start_ist';
  const answer = "type = 'Agent' AND dial_status = 'Answered'";
  const seconds = (from: string, to: string) =>
    `CAST(floor(to_unixtime(${to}) - to_unixtime(${from})) AS INTEGER)`;
  return `SELECT ${select(AGENT_LEGS, {
    ring_seconds: `CASE WHEN answered_at >= dialled_at THEN ${seconds('dialled_at', 'answered_at')} END`,
    talk_seconds: `CASE WHEN ended_at >= answered_at THEN ${seconds('answered_at', 'ended_at')} END`,
  })}
  FROM (SELECT ${carried}, agent_id,
      max(agent_name) AS agent_name,
      count(CASE WHEN ${answer} THEN 1 END) > 0 AS answered,
      min(CASE WHEN type = 'Agent' AND dial_status <> 'Answered' THEN step_at END) AS dialled_at,
      min(CASE WHEN ${answer} THEN step_at END) AS answered_at,
      max(CASE WHEN type IN ('Agent-Hangup', 'Transfer') THEN step_at END) AS ended_at
    FROM (SELECT ${carried}, ${stepText('entry', 'type')} AS type, ${stepText('entry', 'dialst')} AS dial_status,
      ${stepText('entry', 'id')} AS agent_id, ${stepText('entry', 'name')} AS agent_name, ${stepInstant(dialect, 'step_time')} AS step_at
    FROM (${steps(dialect, carried)}) AS step) AS agent_step
    WHERE type IN ('Agent', 'Agent-Hangup', 'Transfer')
    GROUP BY ${carried}, agent_id) AS leg`;
};

/** The columns in their order and of their types, whatever an engine made of them. */
const typed = (dialect: Dialect, columns: Columns, sql: string): string => {
  const items = Object.entries(columns).map(([name, { type }]) =>
    // A cast of a partition might keep a filter on it from being pushed down.
    name in PARTITIONS ? name : `CAST(${name} AS ${SQL_TYPES[type][dialect.name]}) AS ${name}`,
  );
  return `SELECT ${items.join(', ')} FROM (${sql}) AS read`;
};

/** A view: what it is called, what it gives, and the text that makes it. */
export interface View {
  readonly name: TableName;
  readonly columns: Columns;
  readonly sql: string;
}

/** Each stands on those before it. */
export const views = (dialect: Dialect, sources: Sources): readonly View[] => {
  const view = (name: TableName, sql: string): View => {
    const columns = TABLES[name];
    return { name, columns, sql: typed(dialect, columns, sql) };
  };
  return [
    view('calls_raw', callsRaw(dialect, sources)),
    view('calls', calls(dialect, sources)),
    view('call_revisions', callRevisions(dialect)),
    view('call_events', callEvents(dialect)),
    view('agent_legs', agentLegs(dialect)),
    view('calls_masked', callsMasked(dialect, sources)),
    view('days', days(sources)),
  ];
};
