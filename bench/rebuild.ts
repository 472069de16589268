import { parseArgs } from 'node:util';
import { entryOf } from '../shared/contract/index-table.ts';
import type { IndexedCall } from '../shared/contract/indexed-call.ts';
import { rebuiltIndex, watchedWorld } from '../test/simulation/support/rebuild-run.ts';

const USAGE = `node bench/rebuild.ts [--calls-a-minute N] [--seed N]
  Polls three virtual hours into memory, rebuilds the index from the archive alone, and compares the two byte for
  byte. 450 calls a minute (the default) make 100,000 records.`;

const { values } = parseArgs({
  options: {
    'calls-a-minute': { type: 'string', default: '450' },
    seed: { type: 'string', default: '21' },
    help: { type: 'boolean', default: false },
  },
});
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const stored = (call: IndexedCall | undefined): string | undefined => call && JSON.stringify(entryOf(call));

const measure = async (): Promise<void> => {
  const callsPerMinute = Number(values['calls-a-minute']);
  const world = await watchedWorld({ seed: Number(values.seed), callsPerMinute, arrival: 'in-order' });
  const live = world.index.calls;
  const began = performance.now();
  const rebuilt = await rebuiltIndex(world);
  const seconds = (performance.now() - began) / 1000;
  const differing = new Set(
    [...live.keys(), ...rebuilt.keys()].filter((key) => stored(live.get(key)) !== stored(rebuilt.get(key))),
  );
  process.stdout.write(
    `${JSON.stringify({
      records: live.size,
      revised: [...live.values()].filter(({ changed }) => changed.length > 0).length,
      differing: differing.size,
      seconds: Number(seconds.toFixed(1)),
      recordsPerSecond: Math.round(live.size / seconds),
    })}\n`,
  );
  if (differing.size > 0 || live.size === 0) process.exitCode = 1;
};

if (values.help) say(USAGE);
else await measure();
