import type { Account } from '../../shared/contract/account.ts';
import { eventsFromOf, policyOf } from '../../shared/contract/account.ts';
import {
  type DayManifest,
  type DayReport,
  type DayState,
  DIFFERENCE_KINDS,
  dayEvent,
  MOST_NAMED,
  manifestKey,
} from '../../shared/contract/day-proof.ts';
import { initialState } from '../../shared/core/account-state.ts';
import { dayWindow, PROOF_ROUNDS, roundOf } from '../../shared/core/proof-rounds.ts';
import { type EpochMs, HOUR, type Ms, SECOND } from '../../shared/core/time.ts';
import { length } from '../../shared/core/window.ts';
import { dayPrefix } from '../../shared/steps/archive-reader.ts';
import { newestManifest } from '../../shared/steps/day-manifests.ts';
import { type Findings, findDifferences } from './confirm.ts';
import { gather, keep, type Proving, runOf, takeUp } from './gather.ts';
import { heal } from './heal.ts';
import { OutOfTime, type ProverPorts, type TimeLeft } from './ports.ts';
import { findReads } from './source-reads.ts';

export interface DayOrder {
  readonly account: Account;
  readonly dt: string;
  readonly now: EpochMs;
  /** Proven again though nothing has changed. */
  readonly anew: boolean;
  readonly left: TimeLeft;
}

const NEW: DayState = { verdict: 'open', differed: 0 };

/** What was gathered so long ago is not gone on with: the archive has moved on, and its files may be gone. */
const LONGEST_RUN: Ms = 6 * HOUR;

const withoutOldRun = ({ run, ...state }: DayState, now: EpochMs): DayState =>
  run && now - run.startedAt < LONGEST_RUN ? { ...state, run } : state;

/** What a day's archive holds, told by its names. */
const archiveOf = async (
  { objects }: Pick<ProverPorts, 'objects'>,
  account: string,
  dt: string,
): Promise<NonNullable<DayState['archive']>> => {
  let count = 0;
  let newest = '';
  for await (const key of objects.list(dayPrefix(account, dt))) {
    count += 1;
    newest = key;
  }
  return { objects: count, newest };
};

/**
 * Proves one account's day where that is due: what the source showed, what the archive holds, read back, and what is
 * in the index are compared record by record. A day that was proven and has not changed is not proven again.
 *
 * "Could not ask" is an answer of its own: a day is never shown as proven, nor as different, before the source's
 * side of it was read whole.
 */
export const proveDay = async (order: DayOrder, ports: ProverPorts): Promise<DayReport> => {
  const { account, dt, now } = order;
  const day = dayWindow(dt);
  const report = (more: Omit<DayReport, 'account' | 'dt'>): DayReport => ({
    account: account.name,
    dt,
    ...more,
  });
  if (day.to > now) return report({ verdict: 'open', reason: 'not-over', fresh: false });

  const loaded = await ports.proofs.load(account.name, dt);
  const state = { value: withoutOldRun(loaded?.value ?? NEW, now), version: loaded?.version ?? 0 };
  const { learned, firstTickAt } = (await ports.ledger.load(account.name))?.value ?? initialState(now);
  const where = {
    account: account.name,
    dt,
    filterOn: learned.filterOn,
    longestCall: policyOf(account).longestCall,
  };
  const reads = await findReads(ports, where, state.value.run?.until);
  if (reads.unread.length > 0) {
    const unreadSeconds = reads.unread.reduce((sum, window) => sum + length(window), 0) / SECOND;
    const due = now >= day.to + (PROOF_ROUNDS[0] ?? 0);
    const verdict = state.value.provenAt !== undefined ? state.value.verdict : due ? 'open' : 'settling';
    return report({ verdict, reason: due ? 'not-read' : 'not-due', unreadSeconds, fresh: false });
  }
  const archive = await archiveOf(ports, account.name, dt);
  const round = roundOf(reads.readAts, day);
  if (!order.anew && isSettled(state.value, archive, round)) {
    const manifest = await newestManifest(ports, account.name, dt);
    return report({ verdict: state.value.verdict, fresh: false, ...(manifest && { manifest }) });
  }
  const eventsFrom = eventsFromOf(account, firstTickAt);
  const proving: Proving = { account, dt, reads, eventsFrom, ports, left: order.left, by: 0, state };
  try {
    return report(await prove(proving, { round, archive, now }));
  } catch (error) {
    if (!(error instanceof OutOfTime)) throw error;
    const { verdict } = proving.state.value;
    return report({
      verdict: verdict === 'open' ? 'settling' : verdict,
      reason: 'out-of-time',
      fresh: false,
    });
  }
};

/** Proven, of this round, and nothing has come since. */
const isSettled = (
  { verdict, round = 0, archive }: DayState,
  found: NonNullable<DayState['archive']>,
  foundRound: number,
): boolean =>
  verdict === 'proven' &&
  round >= foundRound &&
  archive?.objects === found.objects &&
  archive.newest === found.newest;

const prove = async (
  proving: Proving,
  found: { round: number; archive: NonNullable<DayState['archive']>; now: EpochMs },
): Promise<Omit<DayReport, 'account' | 'dt'>> => {
  const { ports, reads } = proving;
  await takeUp(proving, () => ({
    ...proving.state.value,
    ...(proving.state.value.verdict === 'proven' && { verdict: 'reopened' as const }),
    run: {
      run: `${Math.floor(ports.now() / SECOND)}-${proving.state.version}`,
      startedAt: found.now,
      step: 'source',
      cursor: '',
      chunks: { source: [], archive: [], index: [] },
      lines: 0,
      objects: 0,
      unreadable: 0,
      unshown: 0,
      until: reads.newest,
      statuses: [],
    },
  }));
  await gather(proving);
  const findings = await findDifferences(proving);
  const differs = DIFFERENCE_KINDS.some((kind) => findings.counts[kind] > 0) || runOf(proving).unshown > 0;
  // What was read may be on its way still: nobody can tell yet.
  if (differs && (await ports.queue.waiting()) > 0) {
    const { run: _, ...rest } = proving.state.value;
    await keep(proving, rest);
    const verdict = rest.verdict === 'open' ? 'settling' : rest.verdict;
    return { verdict, reason: 'queue-not-empty', fresh: false };
  }
  const healing = differs ? await heal(proving, findings) : { ordered: 0, resent: 0 };
  const manifest = await store(
    manifestOf(proving, findings, { round: found.round, differs, healing }),
    ports,
  );
  const [told] = await ports.bus.publish([dayEvent(manifest)]);
  if (told?.sent !== true) throw new Error(`the bus did not take the proof: ${told?.code ?? 'no answer'}`);
  await keep(proving, {
    verdict: manifest.verdict,
    provenAt: Date.parse(manifest.provenAt),
    round: found.round,
    archive: found.archive,
    differed: differs ? proving.state.value.differed + 1 : 0,
  });
  ports.telemetry.log(differs ? 'warn' : 'info', differs ? 'a day differs' : 'a day is proven', {
    account: manifest.account,
    dt: manifest.dt,
    records: manifest.source.records,
  });
  return { verdict: manifest.verdict, fresh: true, manifest };
};

/**
 * Stores a proof under a second of its own, since its name tells no more: of two that end in one second the later one says
 * the next. What is told of a proof must be what is stored.
 */
const store = async (
  manifest: DayManifest,
  { objects }: Pick<ProverPorts, 'objects'>,
): Promise<DayManifest> => {
  const key = manifestKey(manifest);
  const body = Buffer.from(`${JSON.stringify(manifest)}\n`);
  if ((await objects.create(key, body)) === 'created') return manifest;
  const stored = await objects.read(key);
  if (stored && body.equals(stored.body)) return manifest;
  const provenAt = new Date(Date.parse(manifest.provenAt) + SECOND).toISOString();
  return store({ ...manifest, provenAt }, { objects });
};

const named = (keys: readonly string[]): string[] => [...keys].sort().slice(0, MOST_NAMED);

const manifestOf = (
  proving: Proving,
  findings: Findings,
  {
    round,
    differs,
    healing,
  }: { round: number; differs: boolean; healing: { ordered: number; resent: number } },
): DayManifest => {
  const { account, dt, ports, reads } = proving;
  const { lines, objects, unshown } = runOf(proving);
  const { counts, keys, sides, vanished } = findings;
  const instant = (at: EpochMs) => new Date(at).toISOString();
  return {
    version: 1,
    account: account.name,
    dt,
    verdict: differs ? 'differs' : 'proven',
    provenAt: instant(ports.now()),
    roundHours: round / HOUR,
    readFrom: instant(Math.min(...reads.readAts)),
    readTo: instant(Math.max(...reads.readAts)),
    source: sides.source,
    archive: { ...sides.archive, objects, lines },
    index: sides.index,
    quarantined: findings.quarantined,
    moved: findings.moved,
    unshown,
    vanished: vanished.count,
    counts,
    named: {
      missing: named(keys.missing),
      stale: named(keys.stale),
      unindexed: named(keys.unindexed),
      misindexed: named(keys.misindexed),
      extra: named(keys.extra),
      vanished: named(vanished.keys),
    },
    healing,
  };
};
