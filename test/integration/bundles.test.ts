import { afterEach, expect, test } from 'vitest';
import { HOUR, MINUTE, parseIstDate, SECOND } from '../../shared/core/time.ts';
import { Deployed } from '../support/deployed.ts';

const MIDNIGHT = parseIstDate('2026-03-10') ?? 0;
/** A lease that a killed poller left runs out after 150 s. */
const STEP = 3 * MINUTE;

let deployed: Deployed | undefined;
afterEach(async () => {
  await deployed?.close();
  deployed = undefined;
});

const start = async (environment: Readonly<Record<string, string>> = {}) => {
  deployed = await Deployed.start(
    {
      seed: 24,
      startedAt: MIDNIGHT + 2 * HOUR,
      historyFrom: MIDNIGHT - 2 * HOUR,
      historyTo: MIDNIGHT + 2 * HOUR,
      knobs: {
        calls: {
          callsPerMinute: 2,
          lateShare: 0.05,
          planted: [{ startAt: MIDNIGHT - 90 * MINUTE, life: 2 * HOUR }],
        },
        edits: { share: 0.4, from: MINUTE, to: 2 * HOUR },
        drift: { share: 0.02 },
        listing: { rotatingTokens: true },
      },
    },
    { SMARTFLO_EVENTS_FROM: '2026-03-09', ...environment },
  );
  return deployed;
};

const expectAllEverywhere = async (system: Deployed) => {
  const { truth, archive, index, unpublished } = await system.contents({
    from: MIDNIGHT - 2 * HOUR,
    to: MIDNIGHT + 2 * HOUR,
  });
  expect(truth.size).toBeGreaterThan(450);
  expect(archive).toEqual(truth);
  expect(index).toEqual(truth);
  expect(unpublished).toEqual([]);
  expect(await system.waiting()).toBe(0);
};

test('the bundles, as deployed: every call and its newest revision in archive, index and on the bus', async () => {
  const system = await start();
  await system.run(MIDNIGHT + 5 * HOUR, STEP);
  // The six-hour look comes after the last edit.
  await system.run(MIDNIGHT + 32 * HOUR, HOUR);
  await system.drain();
  await expectAllEverywhere(system);

  const { lines } = await system.contents({
    from: MIDNIGHT - 90 * MINUTE,
    to: MIDNIGHT - 90 * MINUTE + SECOND,
  });
  expect(lines.some((line) => line.startsWith('dt=2026-03-09') || line.startsWith('2026-03-09'))).toBe(true);
  const requests = system.fake.requests.length;
  expect(requests).toBeGreaterThan(50);
  expect(system.output.filter((line) => /\+?910000\d{6}|token=|fake-token/.test(line))).toEqual([]);
});

test('killed at any request, poller and consumer lose nothing', async () => {
  const system = await start();
  // Each tick gets further than the one before, and dies in the middle of a request.
  const answer = system.fake.fake.answer.bind(system.fake.fake);
  let until = Number.POSITIVE_INFINITY;
  system.fake.fake.answer = (request) => {
    until -= 1;
    if (until === 0) system.poller.kill();
    return answer(request);
  };
  let died = 0;
  for (const requests of [1, 2, 3, 4, 6, 9, 13, 18]) {
    until = requests;
    if ((await system.tick()) === undefined) died += 1;
    system.clock.at += STEP;
  }
  until = Number.POSITIVE_INFINITY;
  expect(died).toBe(8);
  await system.run(MIDNIGHT + 5 * HOUR, STEP);
  await system.run(MIDNIGHT + 32 * HOUR, HOUR);

  // The consumer dies five times in the middle of publishing.
  let events = 0;
  system.aws.onEvent(() => {
    events += 1;
    if (events % 60 === 0 && events <= 300) system.consumer.kill();
  });
  await system.drain();
  expect(events).toBeGreaterThan(450);
  await expectAllEverywhere(system);
});
