import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { IndexedCall } from '../../shared/contract/indexed-call.ts';
import { type CallSummary, summarise } from '../../shared/core/call-summary.ts';
import { HOUR, MINUTE, parseIstStamp } from '../../shared/core/time.ts';
import { DRIFTS, type Drift, driftAt, type Json, leavesOf, type Path, pathText } from '../support/drift.ts';
import { reply, type SourceServer, startSourceServer } from '../support/source-server.ts';
import { HostileAccount } from './support/hostile-account.ts';
import { AT, CALLS, problemsOf, FIRST_TICK, MOST_TICKS, startAccount } from './support/hostile-second.ts';
import { covers, smallPage, smallSource } from './support/small-source.ts';

const OFFICIAL = JSON.parse(
  readFileSync(new URL('../fixtures/official-page.json', import.meta.url), 'utf8'),
) as { results: [Record<string, Json>] };
const SAMPLE = OFFICIAL.results[0];
const DATE = '2024-05-09';
const STARTED_AT = parseIstStamp(`${DATE} 11:52:14`) ?? 0;

/** What the index says of a call and takes from this leaf; all else must not move with it. */
const SAYS: Readonly<Record<string, readonly (keyof CallSummary)[]>> = {
  call_id: ['callId'],
  uuid: ['uuid'],
  date: ['startAt'],
  time: ['startAt'],
  end_stamp: ['endAt'],
  direction: ['direction', 'customer'],
  status: ['status'],
  service: ['service'],
  client_number: ['customer'],
  did_number: ['did'],
  hangup_cause: ['hangupCause'],
  department_name: ['department'],
  call_duration: ['durationSeconds'],
  answered_seconds: ['answeredSeconds'],
  recording_url: ['hasRecording'],
  'dialer_call_details.campaign_name': ['campaign'],
  'dialer_call_details.disposition_name': ['disposition'],
  'call_flow.4.type': ['agents'],
  'call_flow.4.dialst': ['agents'],
  'call_flow.4.id': ['agents'],
};
/** Leaves for which another stands in where they are gone, or that say something by being gone. */
const STOOD_IN_FOR = new Set(['direction', 'status', 'recording_url', 'client_number']);
const IS_GONE: ReadonlySet<Drift> = new Set(['removed', 'null', 'renamed']);

interface Variant {
  readonly path: Path;
  readonly drift: Drift;
  readonly raw: string;
  readonly record: Json;
}

/** One record for each leaf and drift, under an id of its own. */
const VARIANTS: readonly Variant[] = leavesOf(SAMPLE).flatMap((path, leaf) =>
  DRIFTS.map((drift, kind): Variant => {
    const id = `663c6bc9${(leaf * DRIFTS.length + kind).toString(16).padStart(16, '0')}`;
    const record = driftAt({ ...SAMPLE, id }, path, drift);
    return { path, drift, record, raw: Buffer.from(JSON.stringify(record)).toString('latin1') };
  }),
);

const keyOf = ({ path, drift, record }: Variant): string | RegExp => {
  if (pathText(path) === 'id' && IS_GONE.has(drift)) return /^~[0-9a-f]{32}$/;
  return String((record as { id: string | number }).id);
};

const dateOf = ({ path, drift }: Variant): string =>
  pathText(path) === 'date' && drift !== 'sibling added' ? 'unknown' : DATE;

let server: SourceServer;
beforeAll(async () => {
  server = await startSourceServer(smallSource(VARIANTS.map(({ raw }) => ({ startAt: STARTED_AT, raw }))));
});
afterAll(() => server[Symbol.asyncDispose]());

describe('every leaf of the official record, drifted in every way', () => {
  let account: HostileAccount;
  const indexed = new Map<string, IndexedCall>();
  beforeAll(async () => {
    const settings = { baseUrl: server.baseUrl, startedAt: STARTED_AT + HOUR };
    account = new HostileAccount(settings, {
      fetchFrom: `${DATE} 11:52:10`,
      fetchTo: `${DATE} 11:52:20`,
      eventsFrom: DATE,
      longestCallMinutes: 1,
      probes: [],
      edits: [],
    });
    for (let tick = 0; tick < 3; tick++) await account.tick(STARTED_AT + HOUR + tick * MINUTE);
    for (const call of account.index.calls.values()) {
      const raw = account.lineAt(call.object, call.line);
      if (raw !== undefined) indexed.set(raw, call);
    }
  });

  test('is over seven hundred records', () => {
    expect(leavesOf(SAMPLE).length).toBeGreaterThanOrEqual(140);
    expect(VARIANTS.length).toBeGreaterThanOrEqual(700);
    expect(new Set(VARIANTS.map(({ raw }) => raw)).size).toBe(VARIANTS.length);
  });

  test('is archived token for token, once, under the date that it says', () => {
    const archived = account.archived().map(({ raw, dt }) => `${dt} ${raw}`);
    expect(archived.sort()).toEqual(VARIANTS.map((variant) => `${dateOf(variant)} ${variant.raw}`).sort());
  });

  test('is indexed under its id, or by its content where that is gone', () => {
    const wrong = VARIANTS.filter((variant) => {
      const key = indexed.get(variant.raw)?.key;
      const wanted = keyOf(variant);
      return key === undefined || (typeof wanted === 'string' ? key !== wanted : !wanted.test(key));
    });
    expect(wrong.map(({ path, drift }) => `${pathText(path)} ${drift}`)).toEqual([]);
    expect(account.index.calls.size).toBe(VARIANTS.length);
  });

  test('changes what the index says by that leaf, and nothing else', () => {
    const plain = summarise(SAMPLE);
    const wrong = VARIANTS.flatMap(({ path, drift, raw }) => {
      const leaf = pathText(path);
      const { summary = {} } = indexed.get(raw) ?? {};
      const says = drift === 'sibling added' ? [] : (SAYS[leaf] ?? []);
      const fields = new Set([...Object.keys(plain), ...Object.keys(summary)]) as Set<keyof CallSummary>;
      const moved = [...fields].filter(
        (field) => JSON.stringify(plain[field]) !== JSON.stringify(summary[field]),
      );
      const left =
        IS_GONE.has(drift) && !STOOD_IN_FOR.has(leaf) ? says.filter((field) => field in summary) : [];
      const strange = moved.filter((field) => !says.includes(field));
      return strange.length + left.length === 0
        ? []
        : [`${leaf} ${drift}: moved ${strange.join()}, left ${left.join()}`];
    });
    expect(wrong).toEqual([]);
  });

  test('is counted, published once, and nothing is put aside', () => {
    expect(account.failures).toEqual([]);
    expect(account.reports.map(({ outcome, sent, exceptions }) => [outcome, sent, exceptions])).toEqual([
      ['done', VARIANTS.length, 0],
      ['done', 0, 0],
      ['done', 0, 0],
    ]);
    expect(account.counted('RecordsSent')).toBe(VARIANTS.length);
    expect(account.counted('RecordsIngested')).toBe(VARIANTS.length);
    expect(account.counted('EventsPublished')).toBe(VARIANTS.length);
    expect(account.counted('Quarantined')).toBe(0);
    expect(account.putAside()).toEqual([]);
    expect(new Set(account.bus.events.map(({ detail }) => detail.dedupeKey)).size).toBe(VARIANTS.length);
  });
});

/** What becomes of a page whose envelope drifts so; what is not named is a page like any other. */
const REFUSED: Readonly<Record<string, string>> = {
  'count removed': 'count-missing',
  'count null': 'count-missing',
  'count renamed': 'count-missing',
  'results removed': 'results-missing',
  'results null': 'results-missing',
  'results other type': 'results-missing',
  'results renamed': 'results-missing',
};
const ENVELOPE = ['count', 'limit', 'size', 'page', 'results'];
const ENVELOPE_DRIFTS = ENVELOPE.flatMap((member) => DRIFTS.map((drift) => [member, drift] as const));

test.each(ENVELOPE_DRIFTS)('the member %s of the envelope, %s', async (member, drift) => {
  let last = Buffer.alloc(0);
  await using source = await startSourceServer(
    smallSource(CALLS, (asked, response) => {
      if (!covers(asked, AT)) return false;
      const { count, limit, results } = JSON.parse(smallPage(CALLS, asked).toString());
      const page = driftAt(
        { count, limit, size: results.length, page: asked.page, results: 0 },
        [member],
        drift,
      );
      const rows = JSON.stringify(results);
      last = Buffer.from(
        JSON.stringify(page).replace(/"(results(?:_2)?)":0/, (_, name) => `"${name}":${rows}`),
      );
      reply(response, 200, last);
      return true;
    }),
  );
  using account = startAccount({ baseUrl: source.baseUrl });
  const code = REFUSED[`${member} ${drift}`];
  for (let tick = 0; tick < MOST_TICKS; tick++) await account.tick(FIRST_TICK + tick * MINUTE);
  const { exceptions } = await account.state();
  const kept = account.putAside();
  expect(account.counted('Quarantined')).toBe(kept.length);
  if (code === undefined) {
    expect(problemsOf(account)).toEqual([]);
    expect({ exceptions, kept }).toEqual({ exceptions: [], kept: [] });
    return;
  }
  expect(exceptions).toHaveLength(3);
  expect(kept.map(({ note }) => [note.reason, note.from.code])).toEqual(
    Array.from({ length: 3 }, () => ['answer-unreadable', code]),
  );
  for (const { bytes } of kept)
    expect(bytes.toString()).toContain(`"${member === 'count' ? 'results' : 'count'}"`);
  expect(last.length).toBeGreaterThan(0);
});
