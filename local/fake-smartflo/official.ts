import { readFileSync } from 'node:fs';

/**
 * The vendor's one public sample record, minified, byte for byte: a call of every fake world.
 * The page prints its start and end (`call_flow`), and `id` holds its insert second.
 */
export const OFFICIAL = {
  raw: readFileSync(new URL('./official-record.json', import.meta.url), 'latin1').trimEnd(),
  id: '663c6bc92b66f80b611f8f40',
  startAt: 1_715_235_734_438,
  endAt: 1_715_235_782_812,
  insertAt: 1_715_235_785_000,
  /** What the filters look at; as the record has it. */
  customer: '919650134255',
  did: '+918069651170',
  agent: { id: '05047530422', name: 'Parag Yadav', extension: 'Extension-06047530219' },
  service: 'Dialer',
  duration: 48,
};
