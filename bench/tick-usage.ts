import { HOUR, MINUTE, parseIstStamp, SECOND } from '../shared/core/time.ts';
import { type Asked, minutes, VirtualAccount } from './virtual-account.ts';

const MIDNIGHT = parseIstStamp('2026-03-10 00:00:00') ?? 0;
/** Looks of up to 26 h are due after it, and so the hours whose lists a tick loads. */
const WARM_UP = 28 * HOUR;
const COUNTED = 2 * HOUR;

/** What a tick takes on average at a density. */
export interface TickUsage extends Readonly<Asked> {
  readonly callsPerMinute: number;
  readonly sourceRequests: number;
  readonly messages: number;
  readonly records: number;
}

/** Means over the ticks of two virtual hours, every look of the first day due. `waited` is in seconds. */
export const measureTickUsage = async (
  callsPerMinute: number,
  requestsPerSecond: number,
): Promise<TickUsage> => {
  const account = new VirtualAccount({ callsPerMinute, requestsPerSecond, startedAt: MIDNIGHT, thin: true });
  const countFrom = MIDNIGHT + WARM_UP;
  for (const at of minutes(MIDNIGHT + 2 * MINUTE, countFrom)) await account.tick(at);
  const before = { ...account.asked, ...account.packs };
  let ticks = 0;
  let sourceRequests = 0;
  for (const at of minutes(countFrom, countFrom + COUNTED)) {
    sourceRequests += (await account.tick(at)).requests;
    ticks += 1;
  }
  const mean = (name: keyof Asked) => (account.asked[name] - before[name]) / ticks;
  return {
    callsPerMinute,
    sourceRequests: sourceRequests / ticks,
    objectGets: mean('objectGets'),
    objectPuts: mean('objectPuts'),
    ledgerGets: mean('ledgerGets'),
    ledgerPuts: mean('ledgerPuts'),
    ledgerUnits: mean('ledgerUnits'),
    waited: mean('waited') / SECOND,
    messages: (account.packs.messages - before.messages) / ticks,
    records: (account.packs.records - before.records) / ticks,
  };
};

// `node bench/tick-usage.ts`: what cli/cost/measured.ts holds. 200 calls a minute take minutes to simulate.
if (import.meta.main)
  for (const callsPerMinute of [0.01, 2.3, 14, 20, 70, 200])
    process.stdout.write(`${JSON.stringify(await measureTickUsage(callsPerMinute, 1))}\n`);
