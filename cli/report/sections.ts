import { bars, columns, type Part } from './charts.ts';
import type { DayFacts } from './facts.ts';
import { CHARTED, chart, column, figure, section, table } from './markup.ts';
import { between, escaped, grouped, length, NOT_GIVEN, percent, shownNumber } from './words.ts';

export interface Told {
  readonly facts: DayFacts;
  /** Whole numbers, not only their last four digits. */
  readonly full: boolean;
}

/** Answered and missed of each, one part each. */
const split = <Row extends { readonly answered: number; readonly missed: number }>(
  rows: readonly Row[],
  nameOf: (row: Row) => string,
): Part[] =>
  rows.flatMap((row) => [
    { of: nameOf(row), kind: 'answered', count: row.answered },
    { of: nameOf(row), kind: 'missed', count: row.missed },
  ]);

const KINDS = ['answered', 'missed'];

export const byHour = ({ facts }: Told): string => {
  const rows = facts['calls-per-hour'];
  const hour = ({ hour_ist }: { hour_ist: number }) => String(hour_ist).padStart(2, '0');
  const busiest = rows.reduce(
    (most, row) => (row.calls > most.calls ? row : most),
    rows[0] ?? { calls: 0, hour_ist: 0 },
  );
  return section(
    'Calls by hour',
    `By the hour in which they began, India time. Busiest: ${hour(busiest)}:00 to ${hour(busiest)}:59, ${grouped(busiest.calls)} calls.`,
    chart(columns('Calls by hour, answered and missed', 'hour, India time', split(rows, hour)), KINDS),
    table('Calls by hour', rows, [
      column('hour', (row) => `${hour(row)}:00`),
      figure('calls', (row) => grouped(row.calls)),
      figure('answered', (row) => grouped(row.answered)),
      figure('missed', (row) => grouped(row.missed)),
    ]),
  );
};

export const byKind = ({ facts }: Told): string => {
  const rows = facts['answered-and-missed'];
  const name = (row: (typeof rows)[number]) =>
    `${row.direction ?? NOT_GIVEN}, ${row.service ?? 'no service'}`;
  return section(
    'Answered and missed',
    'By direction and service.',
    chart(bars('Answered and missed calls by direction and service', split(rows, name)), KINDS),
    table('Answered and missed', rows, [
      column('direction', (row) => row.direction ?? NOT_GIVEN),
      column('service', (row) => row.service ?? NOT_GIVEN),
      figure('calls', (row) => grouped(row.calls)),
      figure('answered', (row) => grouped(row.answered)),
      figure('missed', (row) => grouped(row.missed)),
      figure('answered of all', (row) => percent(row.answered_percent)),
    ]),
  );
};

/** How long one of the two took: in a chart, in its table, and in half, nine tenths and 95 of 100 of the calls. */
const lengthsOf = (
  facts: DayFacts,
  {
    what,
    did,
    title,
    says,
  }: { what: 'wait' | 'talk'; did: 'waited' | 'talked'; title: string; says: string },
): string => {
  const rows = facts['wait-and-talk-distribution'];
  const [ranks] = facts['wait-and-talk-percentiles'];
  const name = (row: (typeof rows)[number]) => between(row.from_seconds, row.below_seconds);
  const half = ranks?.[`${what}_p50`] ?? null;
  const usual =
    ranks === undefined || half === null
      ? ''
      : ` Half of them ${length(half)} at most, nine of ten ${length(ranks[`${what}_p90`])}, 95 of 100 ${length(ranks[`${what}_p95`])}.`;
  return section(
    title,
    `${says}${usual}`,
    chart(
      columns(
        title,
        did,
        rows.map((row) => ({ of: name(row), kind: did, count: row[did] })),
      ),
    ),
    table(title, rows, [column(did, name), figure('calls', (row) => grouped(row[did]))]),
  );
};

export const waits = ({ facts }: Told): string =>
  lengthsOf(facts, {
    what: 'wait',
    did: 'waited',
    title: 'How long customers waited',
    says: 'Answered calls, from their start to the agent.',
  });

export const talks = ({ facts }: Told): string =>
  lengthsOf(facts, { what: 'talk', did: 'talked', title: 'How long they talked', says: 'Answered calls.' });

export const queues = ({ facts }: Told): string => {
  const rows = facts['sla-by-queue'];
  if (rows.length === 0) return '';
  const name = ({ queue }: (typeof rows)[number]) => queue ?? NOT_GIVEN;
  return section(
    'Queues',
    'Calls that came in through a queue, and how many were answered within 20 seconds.',
    chart(
      bars(
        'Calls by queue: answered within 20 s, later, and missed',
        rows.slice(0, CHARTED).flatMap((row) => [
          { of: name(row), kind: 'answered within 20 s', count: row.answered_within_20_s },
          { of: name(row), kind: 'answered later', count: row.answered - row.answered_within_20_s },
          { of: name(row), kind: 'missed', count: row.calls - row.answered },
        ]),
      ),
      ['answered within 20 s', 'answered later', 'missed'],
    ),
    table('Queues', rows, [
      column('queue', name),
      figure('calls', (row) => grouped(row.calls)),
      figure('answered', (row) => grouped(row.answered)),
      figure('within 20 s', (row) => grouped(row.answered_within_20_s)),
      figure('within 20 s, of all', (row) => percent(row.within_20_s_percent)),
    ]),
  );
};

/** Two that read alike stay two. */
const unique = (names: readonly string[]): string[] => {
  const before = new Map<string, number>();
  return names.map((name) => {
    const nth = (before.get(name) ?? 0) + 1;
    before.set(name, nth);
    return nth === 1 ? name : `${name} (${nth})`;
  });
};

export const agents = ({ facts, full }: Told): string => {
  const rows = facts['agent-day-sheet'];
  if (rows.length === 0) return section('Agents', 'Nobody was dialled on this day.');
  // An id that is a number is hidden like one.
  const labels = unique(
    rows.map(
      ({ agent_id, agent_name }) =>
        agent_name ?? (agent_id === null ? NOT_GIVEN : `agent ${full ? agent_id : agent_id.slice(-4)}`),
    ),
  );
  const labelled = rows.map((row, at) => ({ ...row, label: labels[at] ?? '' }));
  return section(
    'Agents',
    'Calls on which an agent was dialled: answered by them, or not. A call that rang at several agents stands at each.',
    chart(
      bars(
        'Calls by agent, answered and not answered',
        labelled.slice(0, CHARTED).flatMap((row) => [
          { of: row.label, kind: 'answered', count: row.answered },
          { of: row.label, kind: 'not answered', count: row.not_answered },
        ]),
      ),
      ['answered', 'not answered'],
    ),
    table('Agents', labelled, [
      column('agent', ({ label }) => label),
      figure('calls', (row) => grouped(row.calls)),
      figure('answered', (row) => grouped(row.answered)),
      figure('not answered', (row) => grouped(row.not_answered)),
      figure('rings, on average', (row) => length(row.average_ring_seconds)),
      figure('talk, in all', (row) => length(row.talk_seconds)),
      figure('talk, on average', (row) => length(row.average_talk_seconds)),
    ]),
  );
};

type Mix = DayFacts['did-and-circle-mix'][number];

/** The most called first. */
const sumBy = (
  rows: readonly Mix[],
  keyOf: (row: Mix) => string | null,
  nameOf: (key: string | null) => string,
): { name: string; calls: number; missed: number }[] => {
  const sums = [...Map.groupBy(rows, keyOf)].map(([key, alike]) => ({
    name: nameOf(key),
    calls: alike.reduce((sum, { calls }) => sum + calls, 0),
    missed: alike.reduce((sum, { missed }) => sum + missed, 0),
  }));
  sums.sort((one, other) => other.calls - one.calls);
  const names = unique(sums.map(({ name }) => name));
  return sums.map((sum, at) => ({ ...sum, name: names[at] ?? sum.name }));
};

export const numbers = ({ facts, full }: Told): string => {
  const mix = facts['did-and-circle-mix'];
  const made = (title: string, says: string, head: string, rows: ReturnType<typeof sumBy>) =>
    section(
      title,
      says,
      chart(
        bars(
          title,
          rows.slice(0, CHARTED).flatMap(({ name, calls, missed }) => [
            { of: name, kind: 'not missed', count: calls - missed },
            { of: name, kind: 'missed', count: missed },
          ]),
        ),
        ['not missed', 'missed'],
      ),
      table(title, rows, [
        column(head, ({ name }) => name),
        figure('calls', ({ calls }) => grouped(calls)),
        figure('of them missed', ({ missed }) => grouped(missed)),
      ]),
    );
  return [
    made(
      'Your numbers',
      full ? 'DIDs, by calls.' : 'DIDs, by calls; all digits but the last four are hidden.',
      'number',
      sumBy(
        mix,
        ({ did }) => did,
        (did) => shownNumber(did, full),
      ),
    ),
    made(
      'Telecom circles',
      'Of the customers’ numbers.',
      'circle',
      sumBy(
        mix,
        ({ circle }) => circle,
        (circle) => circle ?? NOT_GIVEN,
      ),
    ),
  ].join('\n');
};

export const waiting = ({ facts, full }: Told): string => {
  const rows = facts['missed-never-called-back'];
  if (rows.length === 0)
    return section('Missed, and never called back', 'Everybody who called in vain was reached the same day.');
  return section(
    'Missed, and never called back',
    `${grouped(rows.length)} customers called in vain and were neither called nor answered again that day; longest waiting first.`,
    table('Missed, and never called back', rows, [
      column('customer', ({ customer }) => shownNumber(customer, full)),
      column('last called', ({ did }) => shownNumber(did, full)),
      column('at', ({ last_missed_ist }) => (last_missed_ist ?? '').slice(11, 19)),
      figure('missed calls', (row) => grouped(row.missed_calls)),
    ]),
  );
};

export const lateAndChanged = ({ facts }: Told): string => {
  const [arrived = { calls: 0, late: 0, late_at_the_source: 0 }] = facts['late-arrivals'];
  const changes = facts['changed-after-the-fact'];
  const fields = new Map<string, number>();
  for (const { changed } of changes)
    for (const field of changed.split(',')) fields.set(field, (fields.get(field) ?? 0) + 1);
  const rows = [
    { of: 'archived within 30 min of their end', count: arrived.calls - arrived.late },
    { of: 'archived later', count: arrived.late },
    { of: 'stored late by the source itself', count: arrived.late_at_the_source },
    { of: 'changes seen after the first sight', count: changes.length },
    ...[...fields]
      .sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1))
      .map(([field, count]) => ({ of: `changed: ${field}`, count })),
  ];
  return section(
    'Late and changed calls',
    'When the day’s records came into the archive, and what the source changed afterwards. What was fetched later than it was made (a backfill) is late by nature.',
    chart(
      bars(
        'Late and changed calls',
        rows.slice(0, CHARTED).map((row) => ({ ...row, kind: 'records' })),
      ),
    ),
    table('Late and changed calls', rows, [
      column('records', ({ of }) => of),
      figure('how many', ({ count }) => grouped(count)),
    ]),
  );
};

export const tiles = ({ facts }: Told): string => {
  const [day = { calls: 0, answered: 0, missed: 0, answered_percent: null }] = facts['calls-per-day'];
  const [half] = facts['wait-and-talk-percentiles'];
  const shown: [string, string][] = [
    ['calls', grouped(day.calls)],
    ['answered', grouped(day.answered)],
    ['missed', grouped(day.missed)],
    ['answered of all', percent(day.answered_percent) || 'no calls'],
    ['half waited at most', length(half?.wait_p50 ?? null) || 'none'],
    ['half talked at most', length(half?.talk_p50 ?? null) || 'none'],
    ['never called back', grouped(facts['missed-never-called-back'].length)],
    ['changed afterwards', grouped(facts['changed-after-the-fact'].length)],
  ];
  return `<dl class="tiles">${shown.map(([name, value]) => `<div><dt>${name}</dt><dd>${escaped(value)}</dd></div>`).join('')}</dl>`;
};
