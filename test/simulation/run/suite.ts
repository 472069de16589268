/** What a run broke, and the point from which it can be seen again. */
export interface Failure {
  /** `crash:7:113:crash-after`, as `npm run simulate -- --replay` takes it. */
  readonly point: string;
  readonly check: string;
  readonly detail: string;
}

export interface SeedOutcome {
  readonly runs: number;
  readonly failures: readonly Failure[];
  /** Counts that add up over seeds: what was looked at, so that nobody takes an empty run for a good one. */
  readonly counts: Readonly<Record<string, number>>;
}

/** A kind of simulation. Its seeds decide everything, and have nothing to do with one another. */
export interface Suite {
  /**
   * All runs of one seed, from 1.
   * @param isEnough asked after each run, with the failures so far: whether the rest is left out
   */
  runSeed(seed: number, isEnough: (failures: number) => boolean): Promise<SeedOutcome>;
  /**
   * One run again, effect by effect.
   * @param point what follows the suite's name
   * @throws {RangeError} where that is no point of this suite
   */
  replay(point: string, trace: (line: string) => void): Promise<readonly Failure[]>;
}

export const replayCommand = ({ point }: Failure): string => `npm run simulate -- --replay ${point}`;

/** A failure as a person reads it: what broke, and how to see it. */
export const failureText = (failure: Failure): string =>
  `${failure.check}: ${failure.detail}\n    ${replayCommand(failure)}`;
