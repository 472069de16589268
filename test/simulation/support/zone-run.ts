import { HOUR, MINUTE, parseIstDate } from '../../../shared/core/time.ts';
import { entryOf } from '../../../shared/contract/index-table.ts';
import { Pipeline } from '../../support/pipeline.ts';

/** Polls over midnight in India and prints what was asked, where it lies and how it is indexed: to compare zones. */
const midnight = parseIstDate('2026-03-10') ?? 0;
const pipeline = new Pipeline(
  { seed: 8, startedAt: midnight, historyFrom: midnight - HOUR, knobs: { calls: { callsPerMinute: 3 } } },
  { fetchFrom: '2026-03-09 23:00:00' },
);
await pipeline.run(midnight + 30 * MINUTE);
await pipeline.drain();
process.stdout.write(
  JSON.stringify({
    // Proof that the zone took effect.
    offset: new Date(midnight).getTimezoneOffset(),
    requests: pipeline.fake.requests.map(({ params }) => params),
    objects: [...pipeline.objects.objects.keys()].sort(),
    days: [...pipeline.index.calls.values()]
      .map((call) => `${call.key} ${call.dt} ${entryOf(call).day}`)
      .sort(),
    events: pipeline.bus.events,
  }),
);
