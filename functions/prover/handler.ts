import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Account } from '../../shared/contract/account.ts';
import { SLICES } from '../../shared/contract/bucket-layout.ts';
import type { DayManifest, DayReport } from '../../shared/contract/day-proof.ts';
import { DAYS_LOOKED_AT } from '../../shared/contract/metrics.ts';
import { ProveOrder } from '../../shared/contract/prove-order.ts';
import { DAY, type EpochMs, HOUR, istDate, type Ms, MINUTE } from '../../shared/core/time.ts';
import { ArchiveUnreadable } from '../../shared/steps/archive-reader.ts';
import { newestManifest } from '../../shared/steps/day-manifests.ts';
import type { ProverPorts, TimeLeft } from './ports.ts';
import { proveDay } from './prove-day.ts';

/** The function's own timeout, where the runner does not tell the time that is left. */
const TIMEOUT: Ms = 15 * MINUTE;
/** No further day is begun with less. */
const LEAST_TIME: Ms = MINUTE;
/** Days before today that are looked at every time: until the look at 8 days, and a day for what that finds. */
const RECENT_DAYS = 10;
/** A day that still differs is proven again after an hour, then two, four, .. and once a day in the end. */
const LONGEST_PAUSE: Ms = DAY;
/** A day that differs though it was healed so often: it is not cured by itself. */
const UNCURED = 2;

/** The days that slices are there of, and the recent ones. Oldest last: what is asked for daily comes first. */
const candidates = async (account: Account, now: EpochMs, { objects }: ProverPorts): Promise<string[]> => {
  const days = new Set<string>();
  for (let back = 1; back <= RECENT_DAYS; back += 1) days.add(istDate(now - back * DAY));
  for await (const folder of objects.folders(`${SLICES}account=${account.name}/`))
    days.add(folder.replace(/^day=/, '').replace(/\/$/, ''));
  const today = istDate(now);
  return [...days]
    .filter((day) => day < today)
    .sort()
    .reverse();
};

/** Whether a day is worth a look now: a recent one, or one that was not proven yet and whose pause is over. */
const isDue = async (
  account: Account,
  dt: string,
  now: EpochMs,
  { proofs }: ProverPorts,
): Promise<boolean> => {
  const state = (await proofs.load(account.name, dt))?.value;
  if (state === undefined || state.run !== undefined) return true;
  if (state.verdict === 'differs') {
    const pause = Math.min(LONGEST_PAUSE, HOUR * 2 ** Math.max(0, state.differed - 1));
    return now >= (state.provenAt ?? 0) + pause - 5 * MINUTE;
  }
  return state.verdict !== 'proven' || dt >= istDate(now - RECENT_DAYS * DAY);
};

/** Records that are not where they should be. */
const differing = (manifest: DayManifest | undefined): number =>
  manifest === undefined
    ? 0
    : Object.values(manifest.counts).reduce((sum, count) => sum + count, manifest.unshown);

/** Records of a day that healing, more than once, has not brought where they should be. */
const uncuredOf = async (account: Account, dt: string, ports: ProverPorts): Promise<number> => {
  const state = (await ports.proofs.load(account.name, dt))?.value;
  return state?.verdict === 'differs' && state.differed >= UNCURED
    ? differing(await newestManifest(ports, account.name, dt))
    : 0;
};

/** A day that can't be proven is told by its date and, where an object of the archive is to blame, by that. */
const logFailure = (
  { telemetry }: Pick<ProverPorts, 'telemetry'>,
  account: string,
  dt: string | undefined,
  error: unknown,
): void =>
  telemetry.log('error', 'a day could not be proven', {
    account,
    dt,
    reason: error instanceof Error ? error.name : 'unknown',
    object: error instanceof ArchiveUnreadable ? error.object : undefined,
  });

/**
 * Proves the days that are due, or those that are named, as far as the time goes. A day that can't be proven does not
 * keep the others, nor other accounts, from it; that one could not be is thrown in the end.
 */
export const createHandler = (ports: ProverPorts) =>
  middy(async (event: unknown, context: Partial<Context>): Promise<DayReport[]> => {
    const began = performance.now();
    const left: TimeLeft = () =>
      context.getRemainingTimeInMillis?.() ?? TIMEOUT - (performance.now() - began);
    const order = ProveOrder.parse(event);
    const now = order.scheduledAt;
    const reports: DayReport[] = [];
    const failures: unknown[] = [];
    for (const account of order.accounts) {
      /** What failed of one day, or of finding the days, is told, and the next is gone on with. */
      const attempt = async <T>(dt: string | undefined, work: () => Promise<T>): Promise<T | undefined> => {
        try {
          return await work();
        } catch (error) {
          logFailure(ports, account.name, dt, error);
          failures.push(error);
          return undefined;
        }
      };
      const days = order.days ?? (await attempt(undefined, () => candidates(account, now, ports)));
      let uncured: number | undefined = days && 0;
      for (const dt of days ?? []) {
        if (left() < LEAST_TIME) break;
        await attempt(dt, async () => {
          if (order.days !== undefined || (await isDue(account, dt, now, ports)))
            reports.push(await proveDay({ account, dt, now, anew: order.anew ?? false, left }, ports));
        });
        const found = await attempt(dt, () => uncuredOf(account, dt, ports));
        // One that is not known is not told as none.
        uncured = found === undefined || uncured === undefined ? undefined : uncured + found;
      }
      if (order.days !== undefined || uncured === undefined) continue;
      ports.telemetry.count('Incomplete', uncured, account.name);
      ports.telemetry.log('info', DAYS_LOOKED_AT, { account: account.name, incomplete: uncured });
    }
    if (failures.length > 0) throw failures[0];
    return reports;
  });
