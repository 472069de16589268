import { PACK_RECORDS, packMessage } from '../../shared/contract/pack-message.ts';
import type { SliceRecord } from '../../shared/contract/source-slice.ts';
import { MINUTE, type Ms, SECOND } from '../../shared/core/time.ts';
import type { Window } from '../../shared/core/window.ts';
import { readPacks } from '../../shared/steps/archive-reader.ts';
import { orderRepairs } from '../../shared/steps/place-order.ts';
import { type Findings, isNewerThanIndex, type Unindexed } from './confirm.ts';
import type { Proving } from './gather.ts';

/** Windows ordered for one day at most: more of them are joined over what lies between. */
const MOST_WINDOWS = 50;
const FIRST_JOIN: Ms = MINUTE;
/** Records sent again by one proof at most; the next one sends the rest. Memory holds them. */
const MOST_RESENT = 5_000;

/** Seconds in which the source shows records, joined to few windows. */
export const windowsOf = (records: readonly Pick<SliceRecord, 'at'>[]): Window[] => {
  const seconds = [...new Set(records.map(({ at }) => at))].sort((a, b) => a - b);
  for (let join = FIRST_JOIN; ; join *= 4) {
    const windows: Window[] = [];
    for (const at of seconds) {
      const last = windows.at(-1);
      if (last && at - last.to <= join) windows[windows.length - 1] = { from: last.from, to: at + SECOND };
      else windows.push({ from: at, to: at + SECOND });
    }
    if (windows.length <= MOST_WINDOWS) return windows;
  }
};

/**
 * Has what differs made good: what the archive lacks is ordered of the poller, which sends it again whatever its
 * sent list says; what the index lacks goes to the queue again, as the archive has it.
 */
export const heal = async (
  proving: Proving,
  findings: Findings,
): Promise<{ ordered: number; resent: number }> => {
  const { account, ports } = proving;
  const { sendable, askable } = sortOut(findings);
  const windows = windowsOf(askable);
  const ordered = windows.length > 0 ? await orderRepairs(account.name, windows, ports.now(), ports) : 0;
  return { ordered, resent: await resend(proving, sendable.slice(0, MOST_RESENT)) };
};

/**
 * What the index has under a later stamp than the archive, with another content, no old observation can mend: only
 * a new one can, and the source is asked for it where it still shows the record.
 */
const sortOut = ({ ask, resend: unindexed }: Findings) => {
  const sendable = unindexed.filter(isNewerThanIndex);
  const stuck = unindexed.filter((record) => !isNewerThanIndex(record));
  const places = stuck.flatMap(({ present }) =>
    present?.summary.startAt === undefined
      ? []
      : [{ at: Math.floor(present.summary.startAt / SECOND) * SECOND }],
  );
  return { sendable, askable: [...ask, ...places] };
};

/** The records' texts as the archive has them, by what a message says of all its records. */
const textsOf = async ({ ports }: Proving, records: readonly Unindexed[]): Promise<Map<string, Texts>> => {
  const groups = new Map<string, Texts>();
  const byObject = Map.groupBy(records, ({ object }) => object);
  for await (const { object, lines } of readPacks(ports.objects, byObject.keys())) {
    for (const { line, stamp, keyedBy } of byObject.get(object) ?? []) {
      const raw = lines[line];
      if (raw === undefined) continue;
      const group = groups.get(`${stamp} ${keyedBy}`) ?? { stamp, keyedBy, lines: [] };
      group.lines.push(raw);
      groups.set(`${stamp} ${keyedBy}`, group);
    }
  }
  return groups;
};

type Texts = Pick<Unindexed, 'stamp' | 'keyedBy'> & { readonly lines: string[] };

const resend = async (proving: Proving, records: readonly Unindexed[]): Promise<number> => {
  const { account, dt, eventsFrom, ports } = proving;
  const bodies: string[] = [];
  for (const { stamp, keyedBy, lines } of (await textsOf(proving, records)).values())
    for (let at = 0; at < lines.length; at += PACK_RECORDS)
      bodies.push(
        packMessage(
          {
            account: account.name,
            dt,
            stamp,
            origin: 'repair',
            keyedBy,
            eventsFrom,
            numbers: account.numbers,
            volatilePaths: [...account.volatilePaths],
          },
          lines.slice(at, at + PACK_RECORDS),
        ),
      );
  const outcomes = await ports.queue.send(bodies);
  const refused = outcomes.find((outcome) => !outcome.sent);
  if (refused && !refused.sent)
    ports.telemetry.log('warn', 'the queue did not take all records again, the next proof sends them', {
      account: account.name,
      code: refused.code,
    });
  return records.length;
};
