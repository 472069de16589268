import type { TickReport } from '../shared/contract/tick.ts';
import type { Clock } from '../shared/ports/clock.ts';
import { type EpochMs, type Ms, SECOND } from '../shared/core/time.ts';

/** How a stretch of ticks ended. `refused`: going on would not help, or did not help several times. */
export type Ending =
  | { readonly kind: 'caught-up' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'refused'; readonly report: TickReport };

export interface SchedulerPorts {
  /** One tick of all accounts. Rejects when the poller itself failed. */
  tick(scheduledAt: EpochMs): Promise<readonly TickReport[]>;
  hear(reports: readonly TickReport[]): void;
  readonly clock: Omit<Clock, 'nextTurn'>;
  readonly stop: AbortSignal;
}

/** Nothing but a human cures these. */
const HOPELESS: ReadonlySet<TickReport['outcome']> = new Set(['auth', 'source-ignores-window']);
/** It ends by itself, after longer than anybody waits for a run that is to end. */
const isLocked = ({ reason }: TickReport): boolean => reason === 'login-locked';
/** Looks that are owed again at every tick, so they don't keep a catch-up from ending. */
const ALWAYS_OWED: ReadonlySet<string> = new Set(['live', 'just-ended']);

/** Waits between fruitless ticks; after the last one the catch-up gives up. */
const WAITS: readonly Ms[] = [0, 1, 2, 4, 8, 15, 30, 30].map((seconds) => seconds * SECOND);

const owesMore = (report: TickReport): boolean =>
  Object.keys(report.owed).some((look) => !ALWAYS_OWED.has(look));

const isFruitful = ({ outcome, records, requests }: TickReport): boolean =>
  records > 0 || (outcome === 'done' && requests > 0);

/**
 * Ticks follow each other at once until nothing but fresh calls is owed.
 *
 * @param patient goes on trying however long the source is away
 */
export const catchUp = async (ports: SchedulerPorts, patient: boolean): Promise<Ending> => {
  let fruitless = 0;
  for (;;) {
    if (ports.stop.aborted) return { kind: 'stopped' };
    const reports = await nextTick(ports);
    if (ports.stop.aborted) return { kind: 'stopped' };
    const hopeless = reports.find((report) => HOPELESS.has(report.outcome) || (!patient && isLocked(report)));
    if (hopeless) return { kind: 'refused', report: hopeless };
    const held = reports.find((report) => report.outcome !== 'done') ?? reports.find(owesMore);
    if (!held) return { kind: 'caught-up' };
    fruitless = reports.some(isFruitful) ? 0 : fruitless + 1;
    const wait = WAITS[fruitless] ?? (patient ? WAITS.at(-1) : undefined);
    if (wait === undefined) return { kind: 'refused', report: held };
    await sleep(ports, wait);
  }
};

/** A tick every `interval` until told to stop. What passes is reported and tried again at the next tick. */
export const follow = async (ports: SchedulerPorts, interval: Ms): Promise<Ending> => {
  let due = ports.clock.monotonic();
  for (;;) {
    due = Math.max(due + interval, ports.clock.monotonic());
    await sleep(ports, due - ports.clock.monotonic());
    if (ports.stop.aborted) return { kind: 'stopped' };
    const reports = await nextTick(ports);
    const hopeless = reports.find(({ outcome }) => HOPELESS.has(outcome));
    if (hopeless) return { kind: 'refused', report: hopeless };
  }
};

const nextTick = async ({ tick, hear, clock }: SchedulerPorts): Promise<readonly TickReport[]> => {
  const reports = await tick(clock.real());
  hear(reports);
  return reports;
};

/** Sleeps in short steps, so that a stop is heard. */
const sleep = async ({ clock, stop }: SchedulerPorts, duration: Ms): Promise<void> => {
  const until = clock.monotonic() + duration;
  for (let left = duration; left > 0 && !stop.aborted; left = until - clock.monotonic()) {
    await clock.sleep(Math.min(left, SECOND / 5));
  }
};
