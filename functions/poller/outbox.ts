import { hash } from 'node:crypto';
import { claimKey } from '../../shared/contract/bucket-layout.ts';
import {
  type Origin,
  PACK_BYTES,
  PACK_RECORDS,
  type PackMessage,
  zipLines,
} from '../../shared/contract/pack-message.ts';
import type { FilterTime } from '../../shared/core/account-state.ts';
import { placeIn } from '../../shared/core/page-trust.ts';
import type { Look } from '../../shared/core/policy.ts';
import { recordKey } from '../../shared/core/record-key.ts';
import { isNewer, type SentEntry, type SentList } from '../../shared/core/sent-list.ts';
import type { Sighting } from '../../shared/core/sighting.ts';
import { parseStamp, type Stamp } from '../../shared/core/stamp.ts';
import { type EpochMs, HOUR, istBlockStart, SECOND } from '../../shared/core/time.ts';
import { contains, type Window } from '../../shared/core/window.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import type { Queue } from '../../shared/ports/queue.ts';
import type { WindowReading } from './read-window.ts';
import type { SentLists } from './sent-lists.ts';

/** What the consumer must know of the account, carried by every message. */
export interface PackPolicy {
  readonly account: string;
  readonly eventsFrom: EpochMs;
  readonly numbers: 'masked' | 'full';
  readonly volatilePaths: readonly string[];
}

export interface OutboxPorts {
  readonly queue: Queue;
  readonly objects: ObjectStore;
  readonly lists: SentLists;
  /** Writes down that contents of these hours may be sent; must resolve before the first of them is. */
  readonly markDirty: (hours: ReadonlySet<EpochMs>) => Promise<void>;
  /** Requests that are due go out before each pack is made: what it takes would delay them. */
  readonly nextTurn: Clock['nextTurn'];
}

/** What was asked, and so what to make of the answer. */
export interface Asked {
  readonly window: Window;
  /** Records beside the window come along; those out of here are nobody's. */
  readonly wanted: Window;
  readonly look: Look;
  readonly filterOn: FilterTime;
  /** Sent whatever the sent list says: somebody has found that it is not where it should be. */
  readonly again: boolean;
  /** In place of the account's `eventsFrom`, where that is later. UTC epoch ms. */
  readonly publishFrom: EpochMs | undefined;
}

export interface Sent {
  /** Distinct keys of the window that the answer showed, to tell what is gone. */
  readonly seen: ReadonlySet<string>;
  readonly sent: number;
  /** The queue's code for messages that it did not take, after all tries. */
  readonly refused: string | undefined;
}

/** Why a record is sent that was not known, by the look that found it. */
const ORIGIN: Record<Look, Origin> = {
  live: 'live',
  'just-ended': 'live',
  probe: 'late',
  edit: 'late',
  gap: 'late',
  proof: 'late',
  backfill: 'backfill',
};

interface Outgoing {
  readonly raw: string;
  readonly stamp: Stamp;
  readonly dt: string;
  readonly origin: Origin;
  readonly keyedBy: 'id' | 'content';
  readonly list: SentList;
  readonly id: string;
  readonly entry: SentEntry;
}

interface Packed {
  readonly records: readonly Outgoing[];
  readonly body: string;
}

/** Names a record in the sent list: 16 hex characters. */
const idHash = (key: string): string => hash('sha256', key).slice(0, 16);

const pieces = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );

/** Sends what differs from what was last sent, page by page, in packs. */
export class Outbox {
  readonly #policy: PackPolicy;
  readonly #ports: OutboxPorts;
  #before: Promise<unknown> = Promise.resolve();
  /** Records whose content was known when an edit look read them again, and those that had another. */
  reread = 0;
  changed = 0;

  constructor(policy: PackPolicy, ports: OutboxPorts) {
    this.#policy = policy;
    this.#ports = ports;
  }

  /**
   * Resolves when the queue has accepted everything, or has refused it after all tries; the sent lists then say
   * which. Rejects when the lists could not be loaded: nothing was sent.
   *
   * One reading after the other: windows side by side show each other's edges, and what the one sends the other
   * must find in the sent list.
   */
  send(reading: Pick<WindowReading, 'pages' | 'repeated'>, asked: Asked): Promise<Sent> {
    const sending = this.#before.then(() => this.#send(reading, asked));
    this.#before = sending.catch(() => {});
    return sending;
  }

  async #send({ pages, repeated }: Pick<WindowReading, 'pages' | 'repeated'>, asked: Asked): Promise<Sent> {
    const { window, wanted, filterOn } = asked;
    const seen = new Set<string>();
    const outgoing: Outgoing[] = [];
    const pending = new Map<string, SentEntry>();
    await this.#ports.nextTurn();
    for (const { stamp, sightings } of pages) {
      const queued = new Set<string>();
      for (const sighting of sightings) {
        const at = placeIn(sighting, filterOn, window);
        if (!contains(wanted, at)) continue;
        const candidate = await this.#judge(sighting, stamp, at, asked, repeated, pending);
        seen.add(candidate.id);
        if (candidate.outgoing && !queued.has(candidate.id)) {
          outgoing.push(candidate.outgoing);
          pending.set(candidate.id, candidate.outgoing.entry);
        }
        queued.add(candidate.id);
      }
    }
    if (outgoing.length === 0) return { seen, sent: 0, refused: undefined };

    await this.#ports.markDirty(new Set(outgoing.map(({ list }) => list.hour)));
    const eventsFrom = Math.min(this.#policy.eventsFrom, asked.publishFrom ?? Number.POSITIVE_INFINITY);
    const packs = await this.#pack(outgoing, eventsFrom);
    const outcomes = await this.#ports.queue.send(packs.map(({ body }) => body));
    let refused: string | undefined;
    let sent = 0;
    packs.forEach(({ records }, index) => {
      const outcome = outcomes[index];
      const accepted = outcome?.sent ?? false;
      if (outcome && !outcome.sent) refused = outcome.code;
      if (accepted) sent += records.length;
      for (const { list, id, entry } of records) list.set(id, accepted ? entry : { ...entry, unknown: true });
    });
    return { seen, sent, refused };
  }

  async #judge(
    sighting: Sighting,
    stamp: Stamp,
    at: EpochMs,
    { look, again }: Asked,
    repeated: ReadonlySet<string>,
    pending: ReadonlyMap<string, SentEntry>,
  ): Promise<{ id: string; outgoing?: Outgoing }> {
    const byContent = repeated.has(sighting.key);
    const id = idHash(byContent ? recordKey(sighting.content, { trustIds: false }) : sighting.key);
    const hour = istBlockStart(at, HOUR);
    const list = await this.#ports.lists.load(hour);
    const content = sighting.content.hash.slice(0, 16);
    const known = pending.get(id) ?? list.get(id);
    const second = (at - hour) / SECOND;
    if (look === 'edit' && known && !known.unknown && !known.absent) {
      this.reread += 1;
      if (known.content !== content) this.changed += 1;
    }
    // One that was gone may have stood under another hour meanwhile, with another content sent from there.
    if (!again && known && !known.unknown && !known.absent && known.content === content) {
      if (known.second !== second) list.set(id, { ...known, second });
      return { id };
    }
    // Of two records that share an id, a filter may show one alone: it was sent under its content before.
    const contentId = idHash(recordKey(sighting.content, { trustIds: false }));
    const twin = known ? undefined : list.get(contentId);
    if (!again && twin && !twin.unknown && !twin.absent) return { id: contentId };
    const { epoch, request } = parseStamp(stamp) ?? { epoch: 0, request: 0 };
    const mine = { content, second, epoch, request, unknown: false, absent: false };
    // What a later request brought stays in the index whatever is sent under this stamp: only the next sight can tell.
    const entry = known && isNewer(known, mine) ? { ...known, second, unknown: true, absent: false } : mine;
    return {
      id,
      outgoing: {
        raw: sighting.raw,
        stamp,
        dt: sighting.dt,
        origin: again ? 'repair' : known ? 'edit' : ORIGIN[look],
        keyedBy: byContent ? 'content' : 'id',
        list,
        id,
        entry,
      },
    };
  }

  /** Packs hold records of one stamp, date, origin and kind of key. */
  async #pack(outgoing: readonly Outgoing[], eventsFrom: EpochMs): Promise<Packed[]> {
    const groups = Map.groupBy(
      outgoing,
      ({ stamp, dt, origin, keyedBy }) => `${stamp} ${dt} ${origin} ${keyedBy}`,
    );
    const packs = [...groups.values()].flatMap((group) => pieces(group, PACK_RECORDS));
    const encoded: Packed[] = [];
    for (const records of packs) {
      await this.#ports.nextTurn();
      encoded.push(...(await this.#encode(records, eventsFrom)));
    }
    return encoded;
  }

  async #encode(records: readonly Outgoing[], eventsFrom: EpochMs): Promise<Packed[]> {
    const [first] = records;
    if (!first) return [];
    const zipped = zipLines(records.map(({ raw }) => raw));
    const { account, numbers, volatilePaths } = this.#policy;
    const { stamp, dt, origin, keyedBy } = first;
    const header = {
      v: 1 as const,
      account,
      dt,
      stamp,
      origin,
      keyedBy,
      eventsFrom,
      numbers,
      volatilePaths: [...volatilePaths],
      records: records.length,
    };
    const ndjson = Buffer.from(zipped).toString('base64');
    if (ndjson.length <= PACK_BYTES) {
      const message: PackMessage = { ...header, body: 'inline', ndjson };
      return [{ records, body: JSON.stringify(message) }];
    }
    if (records.length > 1) {
      const half = Math.ceil(records.length / 2);
      return [
        ...(await this.#encode(records.slice(0, half), eventsFrom)),
        ...(await this.#encode(records.slice(half), eventsFrom)),
      ];
    }
    const key = claimKey(account, stamp, hash('sha256', zipped).slice(0, 16));
    await this.#ports.objects.create(key, zipped);
    const message: PackMessage = { ...header, body: 'claim', key };
    return [{ records, body: JSON.stringify(message) }];
  }
}
