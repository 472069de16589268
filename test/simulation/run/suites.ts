import { crashSuite } from './crash-suite.ts';
import { pagingSuite } from './paging-suite.ts';
import type { Suite } from './suite.ts';
import { weatherSuite } from './weather-suite.ts';

/** Every suite that `npm run simulate` knows. */
export const SUITES: readonly Suite[] = [crashSuite, pagingSuite, weatherSuite];

export const suiteNamed = (name: string): Suite => {
  const suite = SUITES.find((known) => known.name === name);
  if (!suite)
    throw new RangeError(`no suite ${name}: wanted one of ${SUITES.map((known) => known.name).join(', ')}`);
  return suite;
};
