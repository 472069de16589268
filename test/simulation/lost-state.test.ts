import { expect, test } from 'vitest';
import { parseAccountState } from '../../shared/contract/account-state-document.ts';
import { createMemoryLedger } from '../../shared/adapters/memory/ledger.ts';
import { DAY, HOUR, MINUTE, parseIstDate } from '../../shared/core/time.ts';
import { NO_DIFFERENCE } from '../support/contents.ts';
import { Pipeline } from '../support/pipeline.ts';

/** What a person may do to the stores, and a region's loss too: `docs/operating.md`, "Restore" and "Move". */
const BEGIN = (parseIstDate('2026-03-10') ?? 0) + 9 * HOUR;
const CALLS = { from: BEGIN, to: BEGIN + 3 * HOUR };

const pipelineOf = () =>
  new Pipeline(
    {
      seed: 4,
      startedAt: BEGIN,
      historyFrom: CALLS.from,
      historyTo: CALLS.to,
      knobs: {
        calls: { callsPerMinute: 0.5 },
        edits: { share: 0.8, to: 20 * HOUR, revertShare: 0.3 },
      },
    },
    { fetchFrom: '2026-03-10 09:00:00' },
  );

const runTo = async (pipeline: Pipeline, end: number, every: number) => {
  for (let at = pipeline.clock.at + every; at <= end; at += every) {
    await pipeline.tick(at);
    await pipeline.drain();
  }
};

test.each([
  ['lost', 0],
  ['restored to what it was five hours before', 5 * HOUR],
])('a ledger that is %s leaves nothing stale', async (_, back) => {
  const pipeline = pipelineOf();
  const lostAt = BEGIN + 6 * HOUR;
  // More ticks than come after: what counts ticks would not be where it was before the end.
  await runTo(pipeline, lostAt - back, MINUTE);
  const before = await pipeline.ledger.load('main');
  await runTo(pipeline, lostAt, MINUTE);
  Object.assign(pipeline.ports, { ledger: createMemoryLedger(parseAccountState) });
  if (back > 0 && before) await pipeline.ports.ledger.save('main', before.value, 0);
  await runTo(pipeline, BEGIN + DAY + 8 * HOUR, 10 * MINUTE);
  expect(await pipeline.differences(CALLS)).toEqual({
    archive: NO_DIFFERENCE,
    index: NO_DIFFERENCE,
    unpublished: [],
  });
});
