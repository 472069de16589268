import type { Suite } from './suite.ts';

/** A suite by its name; loaded when it is run, for a worker wants one of them only. */
interface Registered {
  /** The first part of its points. */
  readonly name: string;
  /** `--crashes 100000` asks for so many runs of it. */
  readonly option: string;
  /** What its runs are, for the usage. */
  readonly describe: string;
  readonly load: () => Promise<Suite>;
}

/** Every suite that `npm run simulate` knows. */
export const SUITES: readonly Registered[] = [
  {
    name: 'crash',
    option: 'crashes',
    describe: 'runs of the whole system, each with a fault at another effect',
    load: async () => (await import('./crash-suite.ts')).crashSuite,
  },
  {
    name: 'proof',
    option: 'proofs',
    describe: 'proofs of a damaged day and its healing, each with a fault at another effect',
    load: async () => (await import('./proof-suite.ts')).proofSuite,
  },
  {
    name: 'paging',
    option: 'pagings',
    describe: 'closed windows, each with other things in the way of reading it page by page',
    load: async () => (await import('./paging-suite.ts')).pagingSuite,
  },
  {
    name: 'weather',
    option: 'seeds',
    describe: 'weeks of one account under outages, throttling, lost ticks and wrong clocks',
    load: async () => (await import('./weather-suite.ts')).weatherSuite,
  },
];

/** @throws {RangeError} where there is no such suite */
export const suiteNamed = async (name: string): Promise<Suite> => {
  const suite = SUITES.find((known) => known.name === name);
  if (!suite)
    throw new RangeError(`no suite ${name}: wanted one of ${SUITES.map((known) => known.name).join(', ')}`);
  return suite.load();
};
