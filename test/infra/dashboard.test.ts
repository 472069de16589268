import { expect, test } from 'vitest';
import * as z from 'zod';
import {
  COUNTED,
  DAYS_LOOKED_AT,
  METRIC_NAMESPACE,
  METRICS,
  TICK_ENDED,
} from '../../shared/contract/metrics.ts';
import type { LogFact } from '../../shared/contract/log-facts.ts';
import { HOUR, MINUTE, parseIstDate } from '../../shared/core/time.ts';
import { createMemoryTelemetry } from '../../shared/adapters/memory/telemetry.ts';
import { createHandler as createProver } from '../../functions/prover/handler.ts';
import { PolledAccount, sourceOf } from '../support/polled-account.ts';
import { ProofWorld } from '../support/proof-world.ts';
import { stacksOf } from '../support/stacks.ts';

const Board = z.object({
  widgets: z.array(
    z.object({
      y: z.number(),
      properties: z.looseObject({
        title: z.string().optional(),
        markdown: z.string().optional(),
        query: z.string().optional(),
        metrics: z.array(z.array(z.unknown())).optional(),
      }),
    }),
  ),
});

const boardOf = (block?: unknown) => {
  const [dashboard, ...others] = stacksOf(block).ofType('AWS::CloudWatch::Dashboard');
  expect(others).toEqual([]);
  const parts: unknown[] = dashboard?.Properties.DashboardBody['Fn::Join'][1];
  const text = parts.map((part) => (typeof part === 'string' ? part : 'name')).join('');
  return { text, widgets: Board.parse(JSON.parse(text)).widgets };
};
const { text, widgets } = boardOf();

test('the first row is four numbers: lag, completeness, queues, credentials; then the rest in order', () => {
  const first = widgets.filter(({ y }) => y === 0).map(({ properties }) => properties.title);
  expect(first).toEqual([
    'Lag, seconds',
    'Missing of finished days, records',
    'Missing of today, seconds of calls',
    'Oldest message, seconds',
    'Credential, days left',
  ]);
  const headings = widgets.flatMap(
    ({ properties: { markdown } }) => /^## (.*)/.exec(markdown ?? '')?.[1] ?? [],
  );
  expect(headings).toEqual(['Throughput', 'Outcomes', 'The source', 'Cost drivers']);
});

test('it shows only what is counted: metrics as metrics, numbers of the log from the log', async () => {
  const graphed = widgets.flatMap(({ properties: { metrics = [] } }) => metrics);
  const own = graphed.filter(([namespace]) => namespace === METRIC_NAMESPACE).map(([, name]) => String(name));
  const searched = [...text.matchAll(/MetricName=\\*"(\w+)/g)].map(([, name = '']) => name);
  expect(searched).toEqual(['Lag']);
  for (const name of [...own, ...searched])
    expect(METRICS, name).toHaveProperty([name, 'kept'], expect.stringMatching(/^metric/));

  const NOON = (parseIstDate('2026-03-10') ?? 0) + 12 * HOUR;
  const telemetry = createMemoryTelemetry();
  const polled = new PolledAccount({ seed: 1, startedAt: NOON, historyFrom: NOON - HOUR });
  await polled.tick(NOON + MINUTE, undefined, {
    ...polled.ports,
    telemetry,
    openSource: (...[, pacer]) => ({
      ...sourceOf(polled.fake, polled.clock, pacer),
      health: () => ({ tokenExpiresAt: undefined, breaker: undefined, passwordDaysLeft: 40 }),
    }),
  });
  const world = new ProofWorld('2026-03-10', 1);
  await createProver({ ...world.ports, telemetry })(
    { scheduledAt: new Date(world.now).toISOString(), accounts: [world.account] },
    {},
  );
  const factsOf = (line: string) => {
    const facts = telemetry.lines.find(({ message }) => message === line)?.facts ?? {};
    return Object.keys(facts).filter((name) => facts[name as LogFact] !== undefined || name === 'reason');
  };
  const queries = widgets.flatMap(({ properties: { query } }) => query ?? []);
  expect(queries.length).toBeGreaterThan(4);
  for (const query of queries) {
    const fields = [...query.matchAll(/(?:latest|sum|max|avg|pct|ispresent)\((\w+)/g)].map(
      ([, field = '']) => field,
    );
    const line = [TICK_ENDED, DAYS_LOOKED_AT].find((message) => query.includes(message));
    if (line !== undefined) expect(factsOf(line), query).toEqual(expect.arrayContaining(fields));
    else {
      expect(query).toContain(COUNTED);
      for (const field of fields) expect(METRICS, field).toHaveProperty([field, 'kept'], 'log');
    }
  }
});

test('seconds of today that are missing are those that no window has covered', async () => {
  const NOON = (parseIstDate('2026-03-10') ?? 0) + 12 * HOUR;
  const telemetry = createMemoryTelemetry();
  const polled = new PolledAccount(
    { seed: 1, startedAt: NOON, historyFrom: NOON - 12 * HOUR, knobs: { calls: { callsPerMinute: 0.5 } } },
    { fetchFrom: '2026-03-09', cps: 0.2 },
  );
  const ports = { ...polled.ports, telemetry };
  const missing = async (at: number) => {
    await polled.tick(at, ['live'], ports);
    return telemetry.lines.filter(({ message }) => message === TICK_ENDED).at(-1)?.facts['missingToday'];
  };
  // Only the newest two minutes but two seconds are read: of half a day all else is missing, and an hour later an hour more.
  const atNoon = Number(await missing(NOON));
  expect(atNoon).toBeGreaterThan(11.9 * 3_600);
  expect(Number(await missing(NOON + HOUR)) - atNoon).toBe(3_600 - 118);
});

test('fifty accounts are as many widgets and metrics as one', () => {
  const many = boardOf({ accounts: Array.from({ length: 50 }, (_, index) => ({ name: `a${index}` })) });
  expect(many.text).toBe(text);
});
