import { createMemoryCallIndex } from '../../../shared/adapters/memory/call-index.ts';
import type { IndexedCall } from '../../../shared/contract/indexed-call.ts';
import { HOUR, MINUTE, parseIstDate } from '../../../shared/core/time.ts';
import { objectsByStamp, rebuildIndex } from '../../../shared/steps/rebuild-index.ts';
import { consume } from '../../support/consume.ts';
import { Pipeline } from '../../support/pipeline.ts';
import { draw } from '../../../local/fake-smartflo/random.ts';

const MORNING = (parseIstDate('2026-03-10') ?? 0) + 8 * HOUR;
const WATCHED = 3 * HOUR;
/** So young that every one of them comes in time. */
const EDITS = [30, 60, 90, 120].map((ageMinutes) => ({ ageMinutes, blockMinutes: 15 }));
/** As long as messages wait where they are shuffled. */
const HELD = 90 * MINUTE;

export interface RebuildWorld {
  readonly seed: number;
  readonly callsPerMinute: number;
  /** `shuffled`: the messages of an hour and a half reach the consumer in any order. */
  readonly arrival: 'in-order' | 'shuffled';
}

/** Three virtual hours of the real poller and consumer, with edits, some of them taken back; nothing is rebuilt yet. */
export const watchedWorld = async ({ seed, callsPerMinute, arrival }: RebuildWorld): Promise<Pipeline> => {
  const pipeline = new Pipeline(
    {
      seed,
      startedAt: MORNING,
      historyFrom: MORNING - HOUR,
      knobs: {
        calls: { callsPerMinute },
        edits: { share: 0.5, to: 2 * HOUR, revertShare: 0.3, recordingLateShare: 0.2 },
      },
    },
    { fetchFrom: '2026-03-10 07:00:00', cps: 30, edits: EDITS },
  );
  const { objects, index, bus, telemetry, clock, queue } = pipeline;
  const ports = { objects, index, bus, telemetry, now: () => clock.real() };
  let consumed = 0;
  const deliver = async () => {
    const bodies = queue.bodies.splice(0);
    const keyed = bodies.map((body, at) => ({
      body,
      at: arrival === 'shuffled' ? draw(seed, consumed + at) : at,
    }));
    for (const { body } of keyed.toSorted((a, b) => a.at - b.at))
      queue.bodies.push(
        ...((await consume(ports, [{ messageId: `m${(consumed += 1)}`, body }])).length > 0 ? [body] : []),
      );
  };
  for (let at = MORNING; at < MORNING + WATCHED; at += MINUTE) {
    await pipeline.tick(at);
    if (arrival === 'in-order' || (at - MORNING) % HELD === 0) await deliver();
  }
  await deliver();
  return pipeline;
};

/** The index of the world's archive, in a table of its own. */
export const rebuiltIndex = async ({
  objects,
  account: { name, volatilePaths },
}: Pipeline): Promise<Map<string, IndexedCall>> => {
  const index = createMemoryCallIndex();
  const names = await objectsByStamp(objects, name);
  for await (const _ of rebuildIndex(names, name, volatilePaths, { objects, index }));
  return index.calls;
};
