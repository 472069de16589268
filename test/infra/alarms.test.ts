import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createMemoryBus } from '../../shared/adapters/memory/bus.ts';
import { createMemoryCallIndex } from '../../shared/adapters/memory/call-index.ts';
import { createMemoryObjectStore } from '../../shared/adapters/memory/object-store.ts';
import { createHandler as createProver } from '../../functions/prover/handler.ts';
import { METRIC_NAMESPACE, METRICS, type MetricName } from '../../shared/contract/metrics.ts';
import { DAY, type EpochMs, HOUR, MINUTE, parseIstDate } from '../../shared/core/time.ts';
import { SourceError } from '../../shared/ports/source.ts';
import { AlarmWatch } from '../support/alarm-watch.ts';
import { consume } from '../support/consume.ts';
import { type Datapoint, emitted } from '../support/emitted-metrics.ts';
import { sourceOf } from '../support/polled-account.ts';
import { ProofWorld } from '../support/proof-world.ts';
import { stacksOf } from '../support/stacks.ts';
import { WatchedPoller } from '../support/watched-poller.ts';

const MIDNIGHT = parseIstDate('2026-03-10') ?? 0;
const NOON = MIDNIGHT + 12 * HOUR;
const template = stacksOf();

/** Alarms by the path that their construct has, less the hash that the CDK adds. */
const bare = (id: string): string => id.replace(/^Alarms/, '').replace(/[0-9A-F]{8}$/, '');
const raisedIn = (watch: AlarmWatch): string[] => [...watch.raised].map(bare).sort();
const pagesIn = (watch: AlarmWatch): string[] => watch.pages.map(({ alarm }) => bare(alarm));

/** What AWS's services count by themselves, with the dimensions that they give it (their documentation, 2026-11). */
const OF_AWS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'AWS/SQS': {
    ApproximateNumberOfMessagesVisible: ['QueueName'],
    ApproximateAgeOfOldestMessage: ['QueueName'],
    NumberOfMessagesSent: ['QueueName'],
  },
  'AWS/Lambda': {
    Invocations: ['FunctionName'],
    Errors: ['FunctionName'],
    Throttles: ['FunctionName'],
    Duration: ['FunctionName'],
  },
  'AWS/DynamoDB': {
    ConsumedWriteCapacityUnits: ['TableName'],
    WriteThrottleEvents: ['TableName'],
  },
};

/** A value of a service's own metric, under the dimensions that an alarm of that name watches. */
const ofAws = (watch: AlarmWatch, alarm: string, name: string, value: number, at: EpochMs): Datapoint[] =>
  watch.alarms
    .filter(({ id }) => bare(id) === alarm)
    .flatMap(({ watched }) => watched)
    .filter((metric) => metric.name === name)
    .map(({ namespace, dimensions }) => ({ namespace, name, dimensions, value, at }));

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
      const [point, ...others] = await emitted(metric.dimensions['service'] ?? '', NOON, (telemetry) =>
        telemetry.count(name, 1, 'main'),
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

test('an account more is five alarms more: lag, completeness, credential', () => {
  const of = (names: readonly string[]) =>
    new AlarmWatch(stacksOf({ accounts: names.map((name) => ({ name })) })).alarms.map(({ id }) => bare(id));
  const one = of(['north']);
  const two = of(['north', 'south']);
  expect(two.filter((id) => !one.includes(id)).sort()).toEqual([
    'southCredential14Days',
    'southCredential2Days',
    'southCredential7Days',
    'southIncomplete',
    'southLag',
  ]);
});

/** A poller that works: ten minutes of it stand before every fault. */
const calm = { seed: 4, historyFrom: NOON - HOUR, startedAt: NOON, knobs: { calls: { callsPerMinute: 2 } } };

test('a clean day raises nothing, whatever the hour, though three ticks of four are lost', async () => {
  const watch = new AlarmWatch(template);
  const quiet = { callsPerMinute: 0.3, dayCurve: 1 };
  const poller = new WatchedPoller(
    watch,
    { seed: 4, startedAt: MIDNIGHT, historyFrom: MIDNIGHT - HOUR, knobs: { calls: quiet } },
    { fetchFrom: '2026-03-10' },
  );
  await poller.run(MIDNIGHT + MINUTE, MIDNIGHT + 25 * HOUR, 4 * MINUTE);
  for (let at = MIDNIGHT; at < MIDNIGHT + 25 * HOUR; at += 5 * MINUTE) {
    watch.metrics.add(ofAws(watch, 'QueuesOld', 'ApproximateAgeOfOldestMessage', 70, at));
    watch.metrics.add(ofAws(watch, 'QueuesIngestDeadLetters', 'ApproximateNumberOfMessagesVisible', 0, at));
    watch.metrics.add(ofAws(watch, 'SpendingThrottling', 'Throttles', 0, at));
    watch.metrics.add(ofAws(watch, 'SpendingRunaway', 'Invocations', 5, at));
    watch.metrics.add(ofAws(watch, 'Spending', 'ConsumedWriteCapacityUnits', 30, at));
    watch.metrics.add(ofAws(watch, 'Spending', 'Duration', 20_000, at));
  }
  watch.metrics.add(
    await emitted('prover', MIDNIGHT + 2 * HOUR, (telemetry) => telemetry.count('Incomplete', 0, 'main')),
  );
  watch.watch(MIDNIGHT + 15 * MINUTE, MIDNIGHT + 25 * HOUR, 5 * MINUTE);
  expect(raisedIn(watch)).toEqual([]);
  expect(watch.pages).toEqual([]);
});

test('a source that is down: lag, nothing covered and the cause are raised, and somebody is told once', async () => {
  const watch = new AlarmWatch(template);
  const down = { kind: 'server-error', between: [NOON + 10 * MINUTE, NOON + 3 * HOUR] } as const;
  const poller = new WatchedPoller(watch, { ...calm, knobs: { ...calm.knobs, faults: { plan: [down] } } });
  await poller.run(NOON + MINUTE, NOON + 50 * MINUTE);
  watch.watch(NOON + 8 * MINUTE, NOON + 50 * MINUTE);
  expect(raisedIn(watch)).toEqual(['Behind', 'Cause', 'NothingCovered', 'SourceRefuses', 'mainLag']);
  expect(pagesIn(watch)).toEqual(['SourceRefuses']);
});

test('a poller that does not run at all: silence is trouble, and somebody is told once', async () => {
  const watch = new AlarmWatch(template);
  await new WatchedPoller(watch, calm).run(NOON + MINUTE, NOON + 10 * MINUTE);
  watch.watch(NOON + 8 * MINUTE, NOON + 50 * MINUTE);
  expect(raisedIn(watch)).toEqual(['Behind', 'NothingCovered', 'mainLag']);
  expect(pagesIn(watch)).toEqual(['Behind']);
});

test.each([
  [15, []],
  [14, ['mainCredential14Days']],
  [7, ['mainCredential7Days']],
  [2, ['mainCredential2Days', 'Cause']],
  [0, ['mainCredential2Days', 'Cause']],
])('a credential that lives %i days more', async (passwordDaysLeft, raised) => {
  const watch = new AlarmWatch(template);
  const poller = new WatchedPoller(watch, calm);
  const { fake, clock } = poller.polled;
  await poller.tick(NOON + MINUTE, (...[, pacer]) => ({
    ...sourceOf(fake, clock, pacer),
    health: () => ({ tokenExpiresAt: undefined, breaker: undefined, passwordDaysLeft }),
  }));
  watch.watch(NOON + HOUR, NOON + HOUR);
  const ofCredential = /Credential|Cause/;
  expect(raisedIn(watch).filter((id) => ofCredential.test(id))).toEqual([...raised].sort());
  expect(pagesIn(watch)).toEqual(raised.filter((id) => id !== 'Cause'));
});

test.each([
  ['login-rejected', ['mainCredential2Days']],
  ['login-locked', ['SourceRefuses']],
] as const)('a breaker that is open, %s, is told once', async (breaker, told) => {
  const watch = new AlarmWatch(template);
  const poller = new WatchedPoller(watch, calm);
  for (let at = NOON + MINUTE; at < NOON + 75 * MINUTE; at += MINUTE)
    await poller.tick(at, () => ({
      page: () => Promise.reject(new SourceError('auth', breaker, 'no login is tried')),
      health: () => ({ tokenExpiresAt: undefined, passwordDaysLeft: 40, breaker }),
    }));
  watch.watch(NOON + MINUTE, NOON + 75 * MINUTE);
  expect(pagesIn(watch).filter((id) => id !== 'Behind')).toEqual(told);
});

test('a source that counts a call and never shows it', async () => {
  const watch = new AlarmWatch(template);
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
  const watch = new AlarmWatch(template);
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

test('a day that repair did not complete; and its word holds until the next', async () => {
  const watch = new AlarmWatch(template);
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
  watch.watch(began + HOUR, began + 14 * HOUR, 10 * MINUTE);
  expect(state()).toBe('ALARM');
  if (call) world.index.calls.set(key, call);
  // A day that differs is looked at again after longer and longer pauses, a day at most.
  await proves(began + 40 * HOUR);
  watch.watch(began + 41 * HOUR, began + 42 * HOUR, 10 * MINUTE);
  expect(state()).toBe('OK');
  expect(pagesIn(watch).filter((id) => id === 'mainIncomplete')).toHaveLength(1);
});

test('nearly every record has changed when it is read again', async () => {
  const watch = new AlarmWatch(template);
  const knobs = { calls: { callsPerMinute: 6 }, edits: { share: 1, from: 20 * MINUTE, to: 40 * MINUTE } };
  const poller = new WatchedPoller(watch, { ...calm, knobs });
  await poller.run(NOON + MINUTE, NOON + 3 * HOUR, 3 * MINUTE);
  watch.watch(NOON + HOUR, NOON + 3 * HOUR, 5 * MINUTE);
  expect(pagesIn(watch)).toEqual(['ChangeStorm']);
});

test('a rate that carries no more', async () => {
  const watch = new AlarmWatch(template);
  const poller = new WatchedPoller(watch, calm, { cps: 0.07 });
  await poller.run(NOON + MINUTE, NOON + 3.5 * HOUR, 5 * MINUTE);
  watch.watch(NOON + 3 * HOUR, NOON + 3.5 * HOUR, 5 * MINUTE);
  expect(raisedIn(watch)).toContain('RateBudget');
  expect(raisedIn(watch)).toContain('Behind');
});

test('looks that are owed and never taken', async () => {
  const watch = new AlarmWatch(template);
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
    const watch = new AlarmWatch(template);
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
  ['SpendingThrottling', 'Throttles', 1, 3],
  ['SpendingThrottling', 'WriteThrottleEvents', 4, 5],
  ['SpendingRunaway', 'Invocations', 7, 8],
  ['Spending', 'ConsumedWriteCapacityUnits', 8_000, 8_200],
  ['Spending', 'Duration', 10_000_000, 10_500_000],
])('%s: of %s in five minutes %d is well, %d is told', (alarm, name, well, ill) => {
  const state = (value: number) => {
    const watch = new AlarmWatch(template);
    for (let at = NOON - 12 * HOUR; at < NOON; at += 5 * MINUTE)
      watch.metrics.add(ofAws(watch, alarm, name, value, at));
    watch.watch(NOON, NOON);
    return raisedIn(watch).includes(alarm);
  };
  expect([state(well), state(ill)]).toEqual([false, true]);
});

test('each alarm says who is hurt, what a missing value means and where to read on', () => {
  for (const { id, description } of new AlarmWatch(template).alarms)
    expect(description, id).toMatch(
      /^[A-Z].{30,}\. No value means (trouble|nothing|as before): .{20,}\. What to do: docs\/operating\.md#[a-z-]+$/,
    );
});

/** As GitHub makes an anchor of a heading. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');

test('the runbook has a section for every alarm, with meaning, place to look, cure and end, and for none else', () => {
  const page = readFileSync('docs/operating.md', 'utf8');
  const sections = new Map(
    page
      .split(/^## /m)
      .slice(1)
      .map((section): [string, string] => [anchor(section.split('\n')[0] ?? ''), section]),
  );
  const descriptions = template.resources.flatMap(([, { Type, Properties }]) =>
    Type.startsWith('AWS::CloudWatch::') && Properties.AlarmDescription ? [Properties.AlarmDescription] : [],
  );
  const named = new Set(descriptions.map((text: string) => /#([a-z-]+)$/.exec(text)?.[1] ?? text));
  const parts = ['**Meaning.**', '**Look here.**', '**Do this.**', '**Done when.**'];
  const ofAlarms = [...sections].filter(([, section]) => parts.some((part) => section.includes(part)));
  expect(ofAlarms.map(([name]) => name).sort()).toEqual([...named].sort());
  for (const [name, section] of ofAlarms)
    expect(
      parts.filter((part) => !section.includes(part)),
      name,
    ).toEqual([]);
  const links = [...page.matchAll(/\]\(#([a-z-]+)\)/g)].map(([, link = '']) => link);
  expect(links.filter((link) => !sections.has(link))).toEqual([]);
});

test('whoever is named hears of every cause and of Behind; nobody else may publish', () => {
  const { ofType } = stacksOf({ alarmEmail: 'on-call@example.com' });
  const [topic, ...others] = ofType('AWS::SNS::Topic');
  expect([others, topic?.Properties.KmsMasterKeyId === undefined]).toEqual([[], false]);
  expect(ofType('AWS::SNS::Subscription').map(({ Properties }) => Properties.Endpoint)).toEqual([
    'on-call@example.com',
  ]);
  const [policy] = ofType('AWS::SNS::TopicPolicy');
  const allowed = policy?.Properties.PolicyDocument.Statement.filter(
    ({ Effect }: { Effect: string }) => Effect === 'Allow',
  );
  expect(allowed).toEqual([
    expect.objectContaining({
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    }),
  ]);
  const actions = [...ofType('AWS::CloudWatch::Alarm'), ...ofType('AWS::CloudWatch::CompositeAlarm')].flatMap(
    ({ Properties }) => Properties.AlarmActions ?? [],
  );
  // One topic; from another stack it is imported.
  for (const action of actions) expect(JSON.stringify(action)).toMatch(/ToldTopic[0-9A-F]+/);
  expect(actions.length).toBeGreaterThan(10);
  expect(stacksOf().ofType('AWS::SNS::Subscription')).toEqual([]);
});

test('composites stay within the limits of CloudWatch with fifty accounts', () => {
  const accounts = Array.from({ length: 50 }, (_, index) => ({ name: `account-${index}` }));
  const many = stacksOf({ accounts });
  for (const { children } of new AlarmWatch(many).composites)
    expect(children.length).toBeLessThanOrEqual(100);
  for (const { Properties } of many.ofType('AWS::CloudWatch::CompositeAlarm')) {
    const text = JSON.stringify(Properties.AlarmRule).replaceAll(
      /\{"Fn::GetAtt":[^}]*\}/g,
      `arn:aws:cloudwatch:ap-south-1:111122223333:alarm:${'x'.repeat(64)}`,
    );
    expect(text.length).toBeLessThan(10_240);
  }
});
