import { runCrash } from '../support/crash-run.ts';
import { faultSuite } from './fault-suite.ts';

export const crashSuite = faultSuite({ name: 'crash', run: runCrash, met: ({ name }) => name });
