import { expect, test } from 'vitest';
import { type EpochMs, HOUR, istStamp, MINUTE, parseIstStamp } from '../../shared/core/time.ts';
import { writeThinly } from '../../local/fake-smartflo/thin.ts';
import { PolledAccount } from '../support/polled-account.ts';

const SEED = 72;
/** In the afternoon, when an outage that began three days before ends. */
const ENDS = parseIstStamp('2026-03-10 15:00:00') ?? 0;
const BEGINS = ENDS - 72 * HOUR;
/** The system had been there for a while when it began. */
const STARTED = BEGINS - 30 * MINUTE;
/** 8 calls a minute in pages of 4 are, in requests, 200 in pages of 100. */
const RATE = 8;
const PAGE = 4;
const MOST_MINUTES = 300;

const idOf = (raw: string): string => /"id":"([^"]*)"/.exec(raw)?.[1] ?? '';

test(`72 h without the source at 200 calls a minute, pages of 100, a request a second: drained in 300 min, fresh calls by the next tick (seed ${SEED})`, async () => {
  const polled = new PolledAccount(
    {
      seed: SEED,
      startedAt: STARTED,
      historyFrom: STARTED - 10 * MINUTE,
      knobs: {
        calls: { callsPerMinute: RATE },
        faults: { plan: [{ kind: 'server-error', between: [BEGINS, ENDS] }] },
      },
    },
    { pageLimit: PAGE, fetchFrom: istStamp(STARTED - 10 * MINUTE) },
  );
  const { world } = polled.fake;
  writeThinly(polled.fake);
  /** The scheduled time of the tick that sent each record first. */
  const sentBy = new Map<string, EpochMs>();
  const tick = async (at: EpochMs) => {
    const report = await polled.tick(at);
    for (const { lines } of polled.messages())
      for (const raw of lines) if (!sentBy.has(idOf(raw))) sentBy.set(idOf(raw), at);
    polled.queue.bodies.length = 0;
    return report;
  };

  for (let at = STARTED; at < BEGINS; at += MINUTE) await tick(at);
  // Every tenth tick asks, and hears that there is nothing to be had.
  for (let at = BEGINS; at < ENDS; at += 10 * MINUTE)
    expect(await tick(at)).toMatchObject({ outcome: 'source-down', sent: 0 });
  let minutes = 0;
  for (let owesGap = true; owesGap && minutes <= 2 * MOST_MINUTES; minutes += 1)
    owesGap = (await tick(ENDS + minutes * MINUTE)).owed.gap !== undefined;

  const drained = ENDS + minutes * MINUTE;
  const all = [...world.truth(ENDS, { from: BEGINS, to: ENDS })];
  expect(all.length).toBeGreaterThan(34_000);
  expect(all.filter(({ id }) => !sentBy.has(String(id)))).toEqual([]);
  expect(minutes).toBeLessThanOrEqual(MOST_MINUTES);
  const late = world
    .recordsVisible(drained, { from: ENDS, to: drained - 2 * MINUTE }, 'insert')
    .filter(({ id, insertAt }) => (sentBy.get(String(id)) ?? Infinity) - insertAt > MINUTE);
  expect(late.map(({ id, startAt, insertAt }) => `${id} ${istStamp(startAt)} ${istStamp(insertAt)}`)).toEqual(
    [],
  );
  process.stdout.write(`drained in ${minutes} min, ${all.length} records\n`);
});
