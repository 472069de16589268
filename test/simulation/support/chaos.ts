import type { Ms } from '../../../shared/core/time.ts';
import type { Scheduler, SimulatedProcess } from './scheduler.ts';

/**
 * What can go wrong at an effect:
 * - `refused`: it is not done, and the caller sees an error;
 * - `reply-lost`: it is done, and the caller sees an error;
 * - `half`: of several entries every second is done, and the caller is told which;
 * - `crash-before`, `crash-after`: its process dies, and the effect was not done, or was;
 * - `stalled`: its process stands still before it, for longer than its lease and its messages' visibility.
 */
export const FAULT_KINDS = [
  'refused',
  'reply-lost',
  'half',
  'crash-before',
  'crash-after',
  'stalled',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** One call of a port's method, in the order in which they are let through. */
export interface Effect {
  /** From 0. */
  readonly ordinal: number;
  readonly process: string;
  /** Port and method: `ledger.save`. */
  readonly name: string;
  readonly at: number;
}

/** Decides what goes wrong. */
export type FaultPlan = (effect: Effect) => FaultKind | undefined;

/** A fault at the n-th effect. */
export interface FaultPoint {
  readonly ordinal: number;
  readonly kind: FaultKind;
}

export const faultsAt = (points: readonly FaultPoint[]): FaultPlan => {
  const kinds = new Map(points.map(({ ordinal, kind }) => [ordinal, kind]));
  return ({ ordinal }) => kinds.get(ordinal);
};

/** What can go wrong at an effect of this name. */
export const faultKindsOf = (name: string): readonly FaultKind[] =>
  name === 'queue.send' || name === 'bus.publish'
    ? FAULT_KINDS
    : FAULT_KINDS.filter((kind) => kind !== 'half');

/** An effect that failed because the plan said so. */
export class MadeUp extends Error {
  override readonly name = 'MadeUp';
}

/** How an effect is done, whole or half, and what its caller sees where it fails. */
export interface Doing<T> {
  readonly act: () => Promise<T>;
  /** Throws, or gives what the port gives for a failure. */
  readonly fail: () => T;
  readonly half?: () => Promise<T>;
}

export interface ChaosSettings {
  readonly scheduler: Scheduler;
  readonly plan: FaultPlan;
  /** How long a process stands still that stalls. */
  readonly stall: Ms;
  /** Told of every effect that is let through. */
  readonly onEffect?: (effect: Effect, fault: FaultKind | undefined, what: string) => void;
}

/** Every effect passes through here: waits for its turn, and fares as the plan says. */
export class Chaos {
  count = 0;
  readonly #settings: ChaosSettings;

  constructor(settings: ChaosSettings) {
    this.#settings = settings;
  }

  /** @param what for the trace: which account, key or record */
  async effect<T>(
    process: SimulatedProcess,
    name: string,
    what: string,
    { act, fail, half }: Doing<T>,
  ): Promise<T> {
    const { scheduler, plan, stall, onEffect } = this.#settings;
    await scheduler.turn(process);
    const effect = { ordinal: this.count++, process: process.name, name, at: scheduler.now };
    const fault = plan(effect);
    onEffect?.(effect, fault, what);
    const die = (): Promise<never> => {
      process.end();
      return new Promise(() => undefined);
    };
    if (fault === 'crash-before') return die();
    if (fault === 'refused') return fail();
    if (fault === 'half' && half) return half();
    if (fault === 'stalled') {
      process.isOverdue = true;
      await scheduler.sleep(process, stall);
      await scheduler.turn(process);
    }
    const result = await act();
    if (fault === 'crash-after') return die();
    return fault === 'reply-lost' ? fail() : result;
  }
}
