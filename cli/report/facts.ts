import * as z from 'zod';
import type { ArchiveDatabase } from '../../local/archive-database.ts';
import { literal } from '../../shared/contract/analytics/dialect.ts';
import { askedOf, forDays, namedQueries } from '../../shared/queries/catalog.ts';

/** DuckDB writes 64-bit numbers as text. */
const Count = z.coerce.number();
const Maybe = z.coerce.number().nullable();
/** What a record says may hold control characters, which no page should. */
const Text = z
  .string()
  .transform((text) => text.replaceAll(/\p{Cc}/gu, '\ufffd'))
  .nullable();

/** What the report takes of each named query's row; what is not named here it does not show. */
const ROWS = {
  'calls-per-day': z.object({ calls: Count, answered: Count, missed: Count, answered_percent: Maybe }),
  'calls-per-hour': z.object({ hour_ist: Count, calls: Count, answered: Count, missed: Count }),
  'answered-and-missed': z.object({
    direction: Text,
    service: Text,
    calls: Count,
    answered: Count,
    missed: Count,
    answered_percent: Maybe,
  }),
  'wait-and-talk-distribution': z.object({
    from_seconds: Count,
    below_seconds: Maybe,
    waited: Count,
    talked: Count,
  }),
  'wait-and-talk-percentiles': z.object({
    wait_p50: Maybe,
    wait_p90: Maybe,
    wait_p95: Maybe,
    talk_p50: Maybe,
    talk_p90: Maybe,
    talk_p95: Maybe,
  }),
  'sla-by-queue': z.object({
    queue: Text,
    calls: Count,
    answered: Count,
    answered_within_20_s: Count,
    within_20_s_percent: Maybe,
  }),
  'agent-day-sheet': z.object({
    agent_id: Text,
    agent_name: Text,
    calls: Count,
    answered: Count,
    not_answered: Count,
    average_ring_seconds: Maybe,
    talk_seconds: Maybe,
    average_talk_seconds: Maybe,
  }),
  'did-and-circle-mix': z.object({ did: Text, circle: Text, calls: Count, missed: Count }),
  'missed-never-called-back': z.object({
    customer: Text,
    missed_calls: Count,
    last_missed_ist: Text,
    did: Text,
  }),
  'late-arrivals': z.object({ calls: Count, late: Count, late_at_the_source: Count }),
  'changed-after-the-fact': z.object({ changed: z.string(), noticed_ist: Text }),
} as const;

export type QueryName = keyof typeof ROWS;
export type Rows<Name extends QueryName> = readonly z.infer<(typeof ROWS)[Name]>[];

/** What the named queries answer for one day. */
export type DayFacts = { readonly [Name in QueryName]: Rows<Name> } & {
  /** IST date. */
  readonly day: string;
  /** Whose calls were found, sorted. */
  readonly accounts: readonly string[];
};

/** Most of the queries read `calls`: the day is read from the archive once, and kept without the records. */
const KEPT = 'calls_of_the_day';

/** Asks the named queries for one day, so that the page says what SQL says. */
export const askDay = async ({ connection }: ArchiveDatabase, day: string): Promise<DayFacts> => {
  const rowsOf = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJson();
  await connection.run(
    `CREATE TABLE ${KEPT} AS SELECT * EXCLUDE (record) FROM calls WHERE dt = ${literal(day)}`,
  );
  const facts: Record<string, unknown> = {};
  for (const query of namedQueries())
    if (query.name in ROWS) {
      const rows = await rowsOf(forDays(askedOf(query, KEPT), { from: literal(day), to: literal(day) }));
      facts[query.name] = z.array(ROWS[query.name as QueryName]).parse(rows);
    }
  const accounts = await rowsOf(`SELECT DISTINCT account FROM ${KEPT} ORDER BY account`);
  return {
    ...facts,
    day,
    accounts: z
      .array(z.object({ account: z.string() }))
      .parse(accounts)
      .map(({ account }) => account),
  } as unknown as DayFacts;
};
