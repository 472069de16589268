/**
 * The few things that Athena (engine 3, Trino) and DuckDB spell differently. All else is written once, with
 * functions that both have, or that `DUCKDB_MACROS` give DuckDB under Trino's names.
 */
export interface Dialect {
  readonly name: 'athena' | 'duckdb';
  /** An item of a SELECT after which `text` can be asked for these paths; undefined where none is needed. */
  tokens(record: string, paths: readonly string[]): string | undefined;
  /** A scalar's text by its place among the paths; null for objects, arrays, null and what is not there. */
  text(record: string, paths: readonly string[], path: string): string;
  /** The token at a path as JSON, e.g. `"7"` or `7`. */
  token(record: string, paths: readonly string[], path: string): string;
  /** The entries of an array, or the values of an object: PHP writes a list with holes as one. Never null. */
  entries(record: string, path: string): string;
  filter(list: string, variable: string, condition: string): string;
  transform(list: string, variable: string, value: string): string;
  /** From 1, or from the end: −1 is the last. Null where there is none. */
  at(list: string, index: number): string;
  countDistinct(list: string): string;
  /** What group 1 of the pattern matched; null where nothing did. */
  matched(text: string, pattern: string): string;
  /** Every match, replaced. The replacement may name group 1 as `{1}`. */
  replaceAll(text: string, pattern: string, replacement: string): string;
  /** Lower-case hex. */
  md5(text: string): string;
  sha256(text: string): string;
  /** A text as a JSON token. */
  quoted(text: string): string;
  /** Whole seconds from hex digits. */
  fromHex(digits: string): string;
  /** UTC timestamp of epoch seconds, a double; to the millisecond. */
  instant(seconds: string): string;
  /** A SELECT of a row for every entry of a list: the carried columns, `entry`, and `position` from 1. */
  unnest(carried: string, list: string, relation: string): string;
}

/** A text as a SQL literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export const ATHENA: Dialect = {
  name: 'athena',
  tokens: () => undefined,
  text: (record, _paths, path) => `json_extract_scalar(${record}, ${literal(path)})`,
  token: (record, _paths, path) => `json_format(json_extract(${record}, ${literal(path)}))`,
  entries: (record, path) => {
    const found = `json_extract(${record}, ${literal(path)})`;
    return `COALESCE(TRY_CAST(${found} AS ARRAY(JSON)), map_values(TRY_CAST(${found} AS MAP(VARCHAR, JSON))), CAST(ARRAY[] AS ARRAY(JSON)))`;
  },
  filter: (list, variable, condition) => `filter(${list}, ${variable} -> ${condition})`,
  transform: (list, variable, value) => `transform(${list}, ${variable} -> ${value})`,
  at: (list, index) => `element_at(${list}, ${index})`,
  countDistinct: (list) => `cardinality(array_distinct(${list}))`,
  matched: (text, pattern) => `regexp_extract(${text}, ${literal(pattern)}, 1)`,
  replaceAll: (text, pattern, replacement) =>
    `regexp_replace(${text}, ${literal(pattern)}, ${literal(replacement.replace('{1}', '$1'))})`,
  md5: (text) => `lower(to_hex(md5(to_utf8(${text}))))`,
  sha256: (text) => `lower(to_hex(sha256(to_utf8(${text}))))`,
  quoted: (text) => `json_format(CAST(${text} AS JSON))`,
  fromHex: (digits) => `from_base(${digits}, 16)`,
  // date_add takes no more than 32 bits.
  instant: (seconds) => `CAST(from_unixtime(${seconds}, 'UTC') AS TIMESTAMP)`,
  unnest: (carried, list, relation) =>
    `SELECT ${carried}, entry, position FROM ${relation} CROSS JOIN UNNEST(${list}) WITH ORDINALITY AS flow (entry, position)`,
};

export const DUCKDB: Dialect = {
  name: 'duckdb',
  // One parse for all paths: a parse costs more than what it finds.
  tokens: (record, paths) =>
    `TRY(json_extract(readable_json(${record}), [${paths.map(literal).join(', ')}])) AS tokens`,
  text: (_record, paths, path) => `scalar_text(tokens[${paths.indexOf(path) + 1}])`,
  token: (_record, paths, path) => `CAST(tokens[${paths.indexOf(path) + 1}] AS VARCHAR)`,
  entries: (record, path) => `json_entries(${record}, ${literal(path)})`,
  filter: (list, variable, condition) => `list_filter(${list}, lambda ${variable}: ${condition})`,
  transform: (list, variable, value) => `list_transform(${list}, lambda ${variable}: ${value})`,
  at: (list, index) => `list_extract(${list}, ${index})`,
  countDistinct: (list) => `CAST(len(list_distinct(${list})) AS INTEGER)`,
  matched: (text, pattern) => `NULLIF(regexp_extract(${text}, ${literal(pattern)}, 1), '')`,
  replaceAll: (text, pattern, replacement) =>
    `regexp_replace(${text}, ${literal(pattern)}, ${literal(replacement.replace('{1}', '\\1'))}, 'g')`,
  md5: (text) => `md5(${text})`,
  sha256: (text) => `sha256(${text})`,
  quoted: (text) => `CAST(to_json(${text}) AS VARCHAR)`,
  fromHex: (digits) => `CAST('0x' || ${digits} AS BIGINT)`,
  instant: (seconds) => `epoch_ms(CAST(round(${seconds} * 1000) AS BIGINT))`,
  // Not by a join: DuckDB 1.5 pushes no filter below one with UNNEST, and every question would read every day.
  unnest: (carried, list, relation) =>
    `SELECT ${carried}, unnest(${list}) AS entry, unnest(range(1, len(${list}) + 1)) AS position FROM ${relation}`,
};

/** Trino spells dates as MySQL does. */
const MYSQL_FORMAT = Object.entries({
  '%M': '%B',
  '%i': '%M',
  '%s': '%S',
  '%W': '%A',
  '%T': '%H:%M:%S',
  '%c': '%-m',
  '%e': '%-d',
}).reduce((format, [theirs, ours]) => `replace(${format}, '${theirs}', '${ours}')`, 'f');

/**
 * What DuckDB must know before it reads the views and the named queries. The escapes of lone surrogates are JSON by
 * its grammar, and the source may send them, but DuckDB refuses them: they are read as the replacement character.
 */
export const DUCKDB_MACROS: readonly string[] = [
  'CREATE MACRO if_json(j) AS CASE WHEN json_valid(j) THEN j END',
  // To look for the escape costs a tenth of reading the JSON.
  String.raw`CREATE MACRO readable_json(j) AS CASE WHEN contains(j, '\ud') OR contains(j, '\uD') THEN CASE WHEN json_valid(j)
    THEN j ELSE regexp_replace(j, '\\u[dD][89a-fA-F][0-9a-fA-F]{2}', '\ufffd', 'g') END ELSE j END`,
  `CREATE MACRO scalar_text(j) AS CASE WHEN json_type(j) NOT IN ('OBJECT', 'ARRAY') THEN json_extract_string(j, '$') END`,
  `CREATE MACRO json_entries(j, p) AS CASE TRY(json_type(readable_json(j), p))
    WHEN 'ARRAY' THEN json_extract(readable_json(j), p || '[*]')
    WHEN 'OBJECT' THEN json_extract(readable_json(j), p || '.*') ELSE [] END`,
  `CREATE MACRO json_extract_scalar(j, p) AS scalar_text(json_extract(if_json(j), p))`,
  `CREATE MACRO regexp_like(t, p) AS regexp_matches(t, p)`,
  `CREATE MACRO to_unixtime(t) AS epoch(t)`,
  `CREATE MACRO sequence(a, b) AS generate_series(a, b), (a, b, step) AS generate_series(a, b, step)`,
  `CREATE MACRO approx_percentile(x, share) AS approx_quantile(x, share)`,
  `CREATE MACRO approx_distinct(x) AS approx_count_distinct(x)`,
  `CREATE MACRO day_of_week(t) AS isodow(t)`,
  `CREATE MACRO array_join(a, sign) AS array_to_string(a, sign)`,
  `CREATE MACRO json_format(j) AS CAST(j AS VARCHAR)`,
  `CREATE MACRO date_format(t, f) AS strftime(t, ${MYSQL_FORMAT})`,
];
