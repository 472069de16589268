import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { compileVolatilePaths, readContent } from '../../shared/core/content-hash.ts';
import { recordKey } from '../../shared/core/record-key.ts';
import { DAY, HOUR, MINUTE, parseIstDate } from '../../shared/core/time.ts';
import { NO_DIFFERENCE } from '../support/contents.ts';
import { Pipeline } from '../support/pipeline.ts';

const NOON = (parseIstDate('2026-03-10') ?? 0) + 12 * HOUR;
const NOTHING = { archive: NO_DIFFERENCE, index: NO_DIFFERENCE, unpublished: [] };

const threeDays = () => {
  const days = { from: NOON - 3 * DAY, to: NOON };
  const pipeline = new Pipeline(
    {
      seed: 20_260_310,
      startedAt: NOON,
      historyFrom: days.from,
      historyTo: days.to,
      knobs: {
        calls: { callsPerMinute: 4.7, lateShare: 0.03, understatedShare: 0.05 },
        edits: { share: 0.4, recordingLateShare: 0.2 },
        drift: { share: 0.02 },
        listing: { rotatingTokens: true },
        faults: { share: 0.02 },
      },
    },
    { fetchFrom: '2026-03-07 12:00:00' },
  );
  return { pipeline, days };
};

test('three days of 20,000 calls, late, changing, drifting, 2 % of requests failing: all of it everywhere, once', async () => {
  const { pipeline, days } = threeDays();
  // Edits come up to a day after a call, so the last look that can find one is at three days.
  for (let at = NOON; at <= NOON + 4 * DAY + HOUR; at += 10 * MINUTE) {
    await pipeline.tick(at);
    await pipeline.drain();
  }
  expect(pipeline.truth(days).size).toBeGreaterThan(20_000);
  expect(await pipeline.differences(days)).toEqual(NOTHING);
  expect(pipeline.queue.bodies).toEqual([]);
  expect(pipeline.telemetry.counts.get('Quarantined') ?? 0).toBe(0);

  // Everything is forgotten but what was sent: the days are read again, and nothing is sent again.
  const found = await pipeline.ledger.load('main');
  if (!found) throw new Error('the ledger has no state');
  await pipeline.ledger.save('main', { ...found.value, coverage: [] }, found.version);
  const events = pipeline.bus.events.length;
  const seen = pipeline.telemetry.counts.get('RecordsSeen') ?? 0;
  for (let at = pipeline.clock.at + MINUTE; at < NOON + 5 * DAY; at += 10 * MINUTE) await pipeline.tick(at);
  expect((pipeline.telemetry.counts.get('RecordsSeen') ?? 0) - seen).toBeGreaterThan(20_000);
  expect(pipeline.queue.bodies).toEqual([]);
  expect(pipeline.bus.events.length).toBe(events);
});

test('a consumer that stands still for six hours, and a cold poller at every tick: one message a revision', async () => {
  const startedAt = NOON;
  const pipeline = new Pipeline(
    {
      seed: 6,
      startedAt,
      historyFrom: startedAt - HOUR,
      knobs: {
        calls: { callsPerMinute: 5, lateShare: 0.05 },
        edits: { share: 0.5, revertShare: 0.3, to: 3 * HOUR },
        listing: { rotatingTokens: true },
      },
    },
    { fetchFrom: '2026-03-10 11:00:00' },
  );
  await pipeline.run(startedAt + 6 * HOUR);
  const sent = pipeline
    .messages()
    .flatMap(({ pack, lines }) => lines.map((line) => ({ line, stamp: pack.stamp })));
  const volatile = compileVolatilePaths(pipeline.account.volatilePaths);
  const contents = new Map<string, string[]>();
  for (const { line } of sent.sort((a, b) => (a.stamp < b.stamp ? -1 : 1))) {
    const content = readContent(line, volatile);
    const key = recordKey(content, { trustIds: true });
    contents.set(key, [...(contents.get(key) ?? []), content.hash]);
  }
  const repeats = [...contents].filter(([, hashes]) =>
    hashes.some((hash, place) => hash === hashes[place - 1]),
  );
  expect(sent.length).toBeGreaterThan(1_800);
  expect(repeats).toEqual([]);

  await pipeline.drain();
  const { unpublished, archive } = await pipeline.differences({
    from: startedAt - HOUR,
    to: startedAt + 3 * HOUR,
  });
  expect({ unpublished, missing: archive.missing }).toEqual({ unpublished: [], missing: [] });
});

interface ZoneRun {
  readonly offset: number;
  readonly requests: readonly object[];
  readonly objects: readonly string[];
  readonly days: readonly string[];
  readonly events: readonly unknown[];
}

/** The same run in a process of its own whose machine stands in that zone. */
const runIn = async (zone: string): Promise<ZoneRun> => {
  const script = fileURLToPath(new URL('./support/zone-run.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script], {
    env: { ...process.env, TZ: zone },
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(stdout) as ZoneRun;
};

test('the machine’s time zone changes neither a request nor a partition, nor an event', async () => {
  const [newYork, kolkata] = await Promise.all(['America/New_York', 'Asia/Kolkata'].map(runIn));
  expect([newYork?.offset, kolkata?.offset]).toEqual([240, -330]);
  expect({ ...kolkata, offset: 0 }).toEqual({ ...newYork, offset: 0 });
  for (const date of ['2026-03-09', '2026-03-10'])
    expect(newYork?.objects.some((key) => key.includes(`dt=${date}`))).toBe(true);
  expect(newYork?.requests.length).toBeGreaterThan(60);
  expect(newYork?.events.length).toBeGreaterThan(60);
});
