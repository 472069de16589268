import { expect, test } from 'vitest';
import { createMemoryBus } from '../../shared/adapters/memory/bus.ts';
import { createMemoryCallIndex } from '../../shared/adapters/memory/call-index.ts';
import { createMemoryObjectStore } from '../../shared/adapters/memory/object-store.ts';
import { createHandler as createProver } from '../../functions/prover/handler.ts';
import { METRIC_NAMESPACE, METRICS, type MetricName, sentOf } from '../../shared/contract/metrics.ts';
import { DAY, type EpochMs, HOUR, MINUTE } from '../../shared/core/time.ts';
import { AlarmWatch } from '../support/alarm-watch.ts';
import {
  bare,
  calm,
  MIDNIGHT,
  NOON,
  OF_AWS,
  ofAws,
  pagesIn,
  raisedIn,
  template,
  watching,
} from '../support/deployed-alarms.ts';
import { consume } from '../support/consume.ts';
import { emitted } from '../support/emitted-metrics.ts';
import { ProofWorld } from '../support/proof-world.ts';
import { stacksOf } from '../support/stacks.ts';
import { WatchedPoller } from '../support/watched-poller.ts';

test('every alarm watches what is really counted: namespace, name, unit and dimensions', async () => {
  const watch = new AlarmWatch(template);
  for (const { id, watched } of watch.alarms)
    for (const metric of watched) {
      const dimensions = Object.keys(metric.dimensions).sort();
      if (metric.namespace !== METRIC_NAMESPACE) {
        expect(OF_AWS[metric.namespace]?.[metric.name], `${id}: ${metric.name}`).toEqual(dimensions);
        continue;
      }
      const name = metric.name as MetricName;
      const { from, to } = sentOf(name);
      const [point, ...others] = await emitted(metric.dimensions['service'] ?? '', NOON, (telemetry) =>
        telemetry.count(name, from ?? to ?? 1, 'main'),
      );
      expect(others).toEqual([]);
      expect(metric, id).toMatchObject({
        namespace: point?.namespace,
        name: point?.name,
        unit: point?.unit,
        dimensions: point?.dimensions,
      });
    }
});

test('every custom metric has an alarm, and six of an account at most are metrics of that account alone', () => {
  const watched = new Set(
    new AlarmWatch(template).alarms.flatMap((alarm) => alarm.watched.map(({ name }) => name)),
  );
  const kept = Object.entries(METRICS).filter(([, metric]) => metric.kept !== 'log');
  expect(kept.map(([name]) => name).filter((name) => !watched.has(name))).toEqual([]);
  const ofAccounts = kept
    .filter(([, metric]) => metric.kept === 'metric of an account')
    .map(([name]) => name);
  expect(ofAccounts).toEqual(['Lag', 'Incomplete', 'CredentialDaysLeft']);
});

test('what says nothing while all is well is sent only when it does not, from the bound on', async () => {
  const sent = async (name: MetricName, value: number) =>
    (await emitted('poller', NOON, (telemetry) => telemetry.count(name, value, 'main'))).length;
  const bounded = (Object.keys(METRICS) as MetricName[]).filter((name) => 'sent' in METRICS[name]);
  expect(bounded.length).toBeGreaterThan(4);
  for (const name of bounded) {
    const { from, to } = sentOf(name);
    if (from !== undefined)
      expect([await sent(name, from - 0.1), await sent(name, from)], name).toEqual([0, 1]);
    if (to !== undefined) expect([await sent(name, to + 0.1), await sent(name, to)], name).toEqual([0, 1]);
  }
});

test('no alarm judges a value that is never sent', () => {
  const alarms = template.ofType('AWS::CloudWatch::Alarm');
  for (const { Properties } of alarms) {
    const { MetricName: name = '', Threshold, Namespace } = Properties;
    if (Namespace !== METRIC_NAMESPACE) continue;
    const { from = Number.NEGATIVE_INFINITY } = sentOf(name);
    expect(Threshold, name).toBeGreaterThanOrEqual(Properties.Statistic === 'Sum' ? 0 : from);
  }
});

test('an account more is four alarms more: lag, completeness, credential', () => {
  const of = (names: readonly string[]) =>
    new AlarmWatch(stacksOf({ accounts: names.map((name) => ({ name })) })).alarms.map(({ id }) => bare(id));
  const one = of(['north']);
  const two = of(['north', 'south']);
  expect(two.filter((id) => !one.includes(id)).sort()).toEqual([
    'southCredentialEnds',
    'southCredentialRefused',
    'southIncomplete',
    'southLag',
  ]);
});

test('a clean day raises nothing, whatever the hour, though three ticks of four are lost', async () => {
  const watch = watching();
  const quiet = { callsPerMinute: 0.3, dayCurve: 1 };
  const poller = new WatchedPoller(
    watch,
    { seed: 4, startedAt: MIDNIGHT, historyFrom: MIDNIGHT - HOUR, knobs: { calls: quiet } },
    { fetchFrom: '2026-03-10' },
  );
  await poller.run(MIDNIGHT + MINUTE, MIDNIGHT + 25 * HOUR, 4 * MINUTE);
  // And nothing is sent that is paid for: the bill counts on it (cli/cost/use.ts).
  expect([...poller.sent].sort()).toEqual(['ExcessChanges', 'Lag', 'RecordsSent']);
  for (let at = MIDNIGHT; at < MIDNIGHT + 25 * HOUR; at += 5 * MINUTE) {
    watch.metrics.add(ofAws(watch, 'QueuesOld', 'ApproximateAgeOfOldestMessage', 70, at));
    watch.metrics.add(ofAws(watch, 'QueuesIngestDeadLetters', 'ApproximateNumberOfMessagesVisible', 0, at));
    for (const name of ['Poller', 'Consumer'])
      watch.metrics.add(ofAws(watch, `Spending${name}Throttled`, 'Throttles', 0, at));
    watch.metrics.add(ofAws(watch, 'SpendingRunaway', 'Invocations', 5, at));
    watch.metrics.add(ofAws(watch, 'Spending', 'ConsumedWriteCapacityUnits', 30, at));
    watch.metrics.add(ofAws(watch, 'Spending', 'Duration', 20_000, at));
  }
  for (let at = MIDNIGHT; at < MIDNIGHT + 25 * HOUR; at += 30 * MINUTE)
    watch.metrics.add(ofAws(watch, 'NotCurated', 'Errors', 0, at));
  watch.metrics.add(
    await emitted('prover', MIDNIGHT + 2 * HOUR, (telemetry) => telemetry.count('Incomplete', 0, 'main')),
  );
  watch.watch(MIDNIGHT + 15 * MINUTE, MIDNIGHT + 25 * HOUR, 5 * MINUTE);
  expect(raisedIn(watch)).toEqual([]);
  expect(watch.pages).toEqual([]);
});

test('a source that is down: lag, nothing covered and the cause are raised, and somebody is told once', async () => {
  const watch = watching();
  const down = { kind: 'server-error', between: [NOON + 10 * MINUTE, NOON + 3 * HOUR] } as const;
  const poller = new WatchedPoller(watch, { ...calm, knobs: { ...calm.knobs, faults: { plan: [down] } } });
  await poller.run(NOON + MINUTE, NOON + 50 * MINUTE);
  watch.watch(NOON + 8 * MINUTE, NOON + 50 * MINUTE);
  expect(raisedIn(watch)).toEqual(['Behind', 'CauseKnown', 'NothingCovered', 'SourceRefuses', 'mainLag']);
  expect(pagesIn(watch)).toEqual(['SourceRefuses']);
});

test('a poller that does not run at all: silence is trouble, and somebody is told once', async () => {
  const watch = watching();
  await new WatchedPoller(watch, calm).run(NOON + MINUTE, NOON + 10 * MINUTE);
  watch.watch(NOON + 8 * MINUTE, NOON + 50 * MINUTE);
  expect(raisedIn(watch)).toEqual(['Behind', 'NothingCovered', 'mainLag']);
  expect(pagesIn(watch)).toEqual(['Behind']);
});

test('a source that counts a call and never shows it', async () => {
  const watch = watching();
  const first = NOON - 4 * HOUR;
  const poller = new WatchedPoller(
    watch,
    { ...calm, historyFrom: NOON - 5 * HOUR, knobs: { calls: { callsPerMinute: 8 } } },
    { fetchFrom: '2026-03-10 07:59:00', fetchTo: '2026-03-10 08:03:00' },
  );
  poller.polled.fake.knobs.listing.unlisted = ({ startAt }) => first <= startAt && startAt < first + 20_000;
  await poller.run(NOON + MINUTE, NOON + 10 * MINUTE);
  watch.watch(NOON + 8 * MINUTE, NOON + 10 * MINUTE);
  expect(raisedIn(watch)).toEqual(['CountMismatch']);
  expect(pagesIn(watch)).toEqual(['CountMismatch']);
});

test('a message that nobody can read is put aside', async () => {
  const watch = watching();
  const ports = {
    objects: createMemoryObjectStore(),
    index: createMemoryCallIndex(),
    bus: createMemoryBus(),
  };
  watch.metrics.add(
    await emitted('consumer', NOON, (telemetry) =>
      consume({ ...ports, telemetry, now: () => NOON }, [{ messageId: '1', body: 'no pack' }]),
    ),
  );
  watch.watch(NOON + 5 * MINUTE, NOON + 6 * MINUTE);
  expect(pagesIn(watch)).toContain('Quarantine');
});

test('a day that repair did not complete is told once, for as long as the prover says so', async () => {
  const watch = watching();
  const world = new ProofWorld('2026-03-10', 40);
  world.deliver();
  world.show();
  const { account } = world;
  const proves = async (at: EpochMs) => {
    world.now = at;
    const scheduledAt = new Date(at).toISOString();
    const points = await emitted('prover', at, (telemetry) =>
      createProver({ ...world.ports, telemetry })({ scheduledAt, accounts: [account] }, {}),
    );
    watch.metrics.add(points);
  };
  const state = () => watch.alarms.find(({ id }) => bare(id) === 'mainIncomplete')?.state;
  const began = Math.floor(world.now / HOUR) * HOUR;
  const key = [...world.index.calls.keys()][7] ?? '';
  const call = world.index.calls.get(key);
  world.index.calls.delete(key);
  // Nobody takes what it sends again to the index, so every proof differs.
  for (let hour = 0; hour < 8; hour += 1) await proves(began + hour * HOUR);
  watch.watch(began + HOUR, began + 8 * HOUR, 10 * MINUTE);
  expect(state()).toBe('ALARM');
  if (call) world.index.calls.set(key, call);
  // A day that differs is looked at again after longer and longer pauses, a day at most.
  await proves(began + 40 * HOUR);
  watch.watch(began + 41 * HOUR, began + 42 * HOUR, 10 * MINUTE);
  expect(state()).toBe('OK');
  expect(pagesIn(watch).filter((id) => id === 'mainIncomplete')).toHaveLength(1);
});

test.each([
  ['nearly every record has changed', 1, ['ChangeStorm']],
  ['one in ten', 0.1, []],
] as const)('of the records that are read again %s', async (_, share, told) => {
  const watch = watching();
  const knobs = { calls: { callsPerMinute: 6 }, edits: { share, from: 20 * MINUTE, to: 40 * MINUTE } };
  const poller = new WatchedPoller(watch, { ...calm, knobs });
  await poller.run(NOON + MINUTE, NOON + 3 * HOUR, 3 * MINUTE);
  watch.watch(NOON + HOUR, NOON + 3 * HOUR, 5 * MINUTE);
  expect(pagesIn(watch)).toEqual(told);
});

test('a rate that carries no more', async () => {
  const watch = watching();
  const poller = new WatchedPoller(watch, calm, { cps: 0.07 });
  await poller.run(NOON + MINUTE, NOON + 3.5 * HOUR, 5 * MINUTE);
  watch.watch(NOON + 3 * HOUR, NOON + 3.5 * HOUR, 5 * MINUTE);
  expect(raisedIn(watch)).toContain('RateBudget');
  expect(raisedIn(watch)).toContain('Behind');
});

test('looks that are owed and never taken', async () => {
  const watch = watching();
  const poller = new WatchedPoller(
    watch,
    { ...calm, startedAt: MIDNIGHT, historyFrom: MIDNIGHT, knobs: { calls: { callsPerMinute: 0.2 } } },
    { cps: 0.07, liveMinutes: 70, fetchFrom: '2026-03-10' },
  );
  await poller.run(MIDNIGHT + 10 * MINUTE, MIDNIGHT + 40 * HOUR, HOUR);
  const states = (at: EpochMs) => {
    watch.watch(at, at);
    return watch.alarms.find(({ id }) => bare(id) === 'SweepDebt')?.state;
  };
  expect([states(MIDNIGHT + 24 * HOUR), states(MIDNIGHT + 36 * HOUR)]).toEqual(['OK', 'ALARM']);
});

test('silence is judged by the same hours of past weeks: a quiet night is none, a quiet noon is', async () => {
  const [shape] = await emitted('poller', NOON, (telemetry) => telemetry.count('RecordsSent', 1));
  if (!shape) throw new Error('nothing was emitted');
  const usual = (at: EpochMs) => {
    const hour = Math.floor((at - MIDNIGHT + 28 * DAY) / HOUR) % 24;
    const week = Math.floor((at - MIDNIGHT) / (7 * DAY));
    return hour < 7 || hour >= 22 ? 3 - week : 400 - week * 9;
  };
  const silentFrom = async (from: EpochMs, to: EpochMs) => {
    const watch = watching();
    for (let at = MIDNIGHT - 28 * DAY; at < MIDNIGHT + DAY; at += HOUR)
      watch.metrics.add([{ ...shape, at, value: from <= at && at < to ? 0 : usual(at) }]);
    watch.watch(MIDNIGHT, MIDNIGHT + DAY, HOUR);
    return raisedIn(watch).filter((id) => id === 'Silence');
  };
  expect(await silentFrom(MIDNIGHT, MIDNIGHT)).toEqual([]);
  expect(await silentFrom(MIDNIGHT, MIDNIGHT + 6 * HOUR)).toEqual([]);
  expect(await silentFrom(NOON, NOON + 3 * HOUR)).toEqual(['Silence']);
});

test.each([
  ['QueuesOld', 'ApproximateAgeOfOldestMessage', 15 * 60, 15 * 60 + 1],
  ['QueuesIngestDeadLetters', 'ApproximateNumberOfMessagesVisible', 0, 1],
  ['QueuesIngestDeadLettersOld', 'ApproximateAgeOfOldestMessage', 10 * 86_400, 10 * 86_400 + 1],
  ['QueuesUndelivered', 'NumberOfMessagesSent', 1, 2],
  ['NotCurated', 'Errors', 0, 1],
  ['SpendingPollerThrottled', 'Throttles', 4, 5],
  ['SpendingConsumerThrottled', 'Throttles', 4, 5],
  ['SpendingWritesThrottled', 'WriteThrottleEvents', 4, 5],
  ['SpendingRunaway', 'Invocations', 7, 8],
  ['Spending', 'ConsumedWriteCapacityUnits', 6_500, 6_700],
  ['Spending', 'Duration', 10_000_000, 10_500_000],
])('%s: of %s in five minutes %d is well, %d is told', (alarm, name, well, ill) => {
  const state = (value: number) => {
    const watch = watching();
    for (let at = NOON - 12 * HOUR; at < NOON; at += 5 * MINUTE)
      watch.metrics.add(ofAws(watch, alarm, name, value, at));
    watch.watch(NOON, NOON);
    return raisedIn(watch).includes(alarm);
  };
  expect([state(well), state(ill)]).toEqual([false, true]);
});

test('writes that are throttled are a symptom among others: whatever else they bring, one is told', async () => {
  const watch = watching();
  await new WatchedPoller(watch, calm).run(NOON + MINUTE, NOON + 35 * MINUTE);
  for (let at = NOON; at < NOON + 35 * MINUTE; at += 5 * MINUTE) {
    watch.metrics.add(ofAws(watch, 'SpendingWritesThrottled', 'WriteThrottleEvents', 50, at));
    watch.metrics.add(ofAws(watch, 'QueuesOld', 'ApproximateAgeOfOldestMessage', (at - NOON) / 1_000, at));
  }
  watch.watch(NOON + 8 * MINUTE, NOON + 15 * MINUTE);
  expect(raisedIn(watch)).toEqual(['Behind', 'SpendingWritesThrottled']);
  watch.watch(NOON + 16 * MINUTE, NOON + 34 * MINUTE);
  expect(raisedIn(watch)).toEqual(['Behind', 'QueuesOld', 'SpendingWritesThrottled']);
  expect(pagesIn(watch)).toEqual(['Behind']);
});

test.each([
  ['whose every run fails', 1, 1, true],
  ['that fails now and then', 2, 1, false],
  ['that is not invoked, or throttled each time', undefined, undefined, true],
  ['that works', 1, 0, false],
] as const)('a prover %s', (_, runs, errors, raised) => {
  const watch = new AlarmWatch(template);
  for (let at = NOON - 12 * HOUR; at < NOON; at += HOUR)
    if (runs !== undefined) {
      watch.metrics.add(ofAws(watch, 'NotProving', 'Invocations', runs, at));
      watch.metrics.add(ofAws(watch, 'NotProving', 'Errors', errors, at));
    }
  watch.watch(NOON, NOON);
  expect(pagesIn(watch).includes('NotProving')).toBe(raised);
});
