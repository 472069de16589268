import { istStamp } from '../../shared/core/time.ts';
import type { FakeSmartflo } from './api.ts';
import { lifeMs, seedOf } from './block.ts';
import { callDuration } from './call-record.ts';

/** Texts kept: at 150 bytes each they are 75 MB. */
const THIN_KEPT = 500_000;

/**
 * Makes the fake write records of five fields, which never change: how many requests are needed, and when, does not
 * depend on how long a record is. Ten times as many fit into a second of a simulation.
 */
export const writeThinly = ({ world }: FakeSmartflo): void => {
  const kept = new Map<number, string>();
  world.raw = (ref, now) => {
    const known = kept.get(ref);
    if (known !== undefined) return known;
    const { id, startAt, endAt } = world.sight(ref, now);
    const { block, index } = world.locate(ref);
    const [date, time] = istStamp(startAt).split(' ');
    const call_duration = callDuration(
      seedOf(block, index),
      lifeMs(block, index),
      world.knobs.calls.understatedShare,
    );
    const raw = JSON.stringify({ id, date, time, end_stamp: istStamp(endAt), call_duration });
    if (kept.size >= THIN_KEPT) kept.clear();
    kept.set(ref, raw);
    return raw;
  };
};
