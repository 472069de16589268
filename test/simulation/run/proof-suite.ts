import { runProof } from '../support/proof-run.ts';
import { faultSuite } from './fault-suite.ts';

export const proofSuite = faultSuite({
  name: 'proof',
  run: runProof,
  met: ({ name, process }) => `${process.split('-')[0]} ${name}`,
  // What is damaged, and how, matters as much as where it dies.
  most: 100,
  told: ({ damage }) => damage,
});
