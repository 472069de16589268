import { sentKey } from '../../shared/contract/bucket-layout.ts';
import { SentList, SentListUnreadable } from '../../shared/core/sent-list.ts';
import { type EpochMs, HOUR, istBlockStart } from '../../shared/core/time.ts';
import type { Window } from '../../shared/core/window.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';

/** Tries of one list's compare-and-set: each lost one merges what another writer stored. */
const MOST_MERGES = 5;

interface Held {
  readonly list: SentList;
  readonly version: string | undefined;
}

/** The hour blocks that a window touches, IST-aligned starts. */
export const hoursOf = (window: Window): EpochMs[] => {
  const hours: EpochMs[] = [];
  for (let hour = istBlockStart(window.from, HOUR); hour < window.to; hour += HOUR) hours.push(hour);
  return hours;
};

/**
 * The sent lists of one account that one tick works on: loaded when first needed, changed in memory, written once
 * at the end. Hours that were left dirty are loaded with every content unknown.
 */
export class SentLists {
  readonly #account: string;
  readonly #objects: ObjectStore;
  readonly #telemetry: Telemetry;
  readonly #dirty: ReadonlySet<EpochMs>;
  readonly #held = new Map<EpochMs, Promise<Held>>();

  constructor(account: string, dirty: readonly EpochMs[], objects: ObjectStore, telemetry: Telemetry) {
    this.#account = account;
    this.#dirty = new Set(dirty);
    this.#objects = objects;
    this.#telemetry = telemetry;
  }

  /** Rejects when the store could not be asked; a later call asks again. */
  async load(hour: EpochMs): Promise<SentList> {
    const held = this.#held.get(hour) ?? this.#read(hour);
    this.#held.set(hour, held);
    try {
      return (await held).list;
    } catch (error) {
      this.#held.delete(hour);
      throw error;
    }
  }

  /** Records known to be at the source in a window. */
  async count(window: Window): Promise<number> {
    const lists = await Promise.all(hoursOf(window).map((hour) => this.load(hour)));
    return lists.reduce((sum, list) => sum + list.count(window), 0);
  }

  async #read(hour: EpochMs): Promise<Held> {
    const stored = await this.#objects.read(sentKey(this.#account, hour));
    let list = new SentList(hour);
    try {
      if (stored) list = new SentList(hour, stored.body);
    } catch (error) {
      if (!(error instanceof SentListUnreadable)) throw error;
      this.#telemetry.log('warn', 'sent list unreadable, its records will be sent again', {
        account: this.#account,
      });
    }
    if (this.#dirty.has(hour)) list.forgetContents();
    return { list, version: stored?.version };
  }

  /**
   * Writes every changed list.
   * @returns the hours whose list in the store is now what is known, and those that could not be written.
   */
  async save(): Promise<{ saved: ReadonlySet<EpochMs>; failed: ReadonlySet<EpochMs> }> {
    const saved = new Set<EpochMs>();
    const failed = new Set<EpochMs>();
    await Promise.all(
      [...this.#held].map(async ([hour, holding]) => {
        const held = await holding.catch(() => undefined);
        if (!held) return; // never loaded, so nothing was judged or sent by it
        const done = !held.list.changed || (await this.#write(hour, held).catch(() => false));
        (done ? saved : failed).add(hour);
      }),
    );
    if (failed.size > 0) {
      this.#telemetry.log('warn', 'sent lists not written, their contents are unknown', {
        account: this.#account,
        lists: failed.size,
      });
    }
    return { saved, failed };
  }

  async #write(hour: EpochMs, held: Held): Promise<boolean> {
    let { list, version } = held;
    for (let tries = 0; tries < MOST_MERGES; tries += 1) {
      const written = await this.#objects.replace(sentKey(this.#account, hour), list.encode(), version);
      if (written !== 'conflict') return true;
      const theirs = await this.#read(hour);
      list = list.merge(theirs.list);
      version = theirs.version;
    }
    return false;
  }
}
