import type { IngestPorts } from '../../functions/consumer/ingest.ts';
import { createMemoryBus } from '../../shared/adapters/memory/bus.ts';
import { createMemoryCallIndex } from '../../shared/adapters/memory/call-index.ts';
import { parseRawKey, RAW } from '../../shared/contract/bucket-layout.ts';
import type { CallEvent } from '../../shared/contract/call-event.ts';
import { unzipLines } from '../../shared/contract/pack-message.ts';
import { compileVolatilePaths, readContent, type VolatilePaths } from '../../shared/core/content-hash.ts';
import { recordKey } from '../../shared/core/record-key.ts';
import type { Window } from '../../shared/core/window.ts';
import { consume } from './consume.ts';
import { PolledAccount } from './polled-account.ts';

/** Key and content hash of every record, as one place has it. */
export type Contents = ReadonlyMap<string, string>;

/** What one place has otherwise than the source. */
export interface Difference {
  readonly missing: string[];
  readonly stale: string[];
  readonly extra: string[];
}

const compare = (truth: Contents, place: Contents): Difference => ({
  missing: [...truth.keys()].filter((key) => !place.has(key)),
  stale: [...truth].filter(([key, hash]) => place.has(key) && place.get(key) !== hash).map(([key]) => key),
  extra: [...place.keys()].filter((key) => !truth.has(key)),
});

/** The whole pipeline of one account in memory and virtual time: the real poller and the real consumer. */
export class Pipeline extends PolledAccount {
  readonly index = createMemoryCallIndex();
  readonly bus = createMemoryBus();
  #consumed = 0;

  get #ingestPorts(): IngestPorts {
    const { objects, index, bus, telemetry, clock } = this;
    return { objects, index, bus, telemetry, now: () => clock.real() };
  }

  get #volatile(): VolatilePaths {
    return compileVolatilePaths(this.account.volatilePaths);
  }

  /** Consumes every message that is waiting, ten at a time. */
  async drain(): Promise<void> {
    while (this.queue.bodies.length > 0) {
      const batch = this.queue.bodies
        .splice(0, 10)
        .map((body) => ({ messageId: `m${(this.#consumed += 1)}`, body }));
      const back = await consume(this.#ingestPorts, batch);
      this.queue.bodies.push(
        ...batch.filter(({ messageId }) => back.includes(messageId)).map(({ body }) => body),
      );
    }
  }

  /** What the source has of calls that started in a window. Records without an id of their own go by content. */
  truth(window: Window): Contents {
    const volatile = this.#volatile;
    return new Map(
      [...this.fake.world.truth(this.clock.at, window)].map(({ raw }) => {
        const content = readContent(raw, volatile);
        return [recordKey(content, { trustIds: true }), content.hash];
      }),
    );
  }

  /** The newest content of each record in the archive, read back and unpacked. */
  async archived(): Promise<Contents> {
    const newest = new Map<string, { stamp: string; hash: string }>();
    for await (const key of this.objects.list(RAW)) {
      const name = parseRawKey(key);
      const body = this.objects.objects.get(key);
      if (!name || !body) throw new Error(`${key} is no archive object`);
      for (const line of unzipLines(body)) {
        const content = readContent(line, this.#volatile);
        const record = recordKey(content, { trustIds: name.keyedBy === 'id' });
        if ((newest.get(record)?.stamp ?? '') <= name.stamp)
          newest.set(record, { stamp: name.stamp, hash: content.hash });
      }
    }
    return new Map([...newest].map(([key, { hash }]) => [key, hash]));
  }

  indexed(): Contents {
    return new Map([...this.index.calls.values()].map(({ key, hash }) => [key, hash]));
  }

  /** The newest event of each record, as a consumer keeps it that drops what is not newer. */
  published(): ReadonlyMap<string, CallEvent['detail']> {
    const newest = new Map<string, CallEvent['detail']>();
    for (const { detail } of this.bus.events) {
      if ((newest.get(detail.id)?.revision ?? '') < detail.revision) newest.set(detail.id, detail);
    }
    return newest;
  }

  /** How archive and index differ from the source, and which newest revisions the bus did not get. */
  async differences(
    window: Window,
  ): Promise<{ archive: Difference; index: Difference; unpublished: string[] }> {
    const truth = this.truth(window);
    const published = this.published();
    const unpublished = [...this.index.calls.values()]
      .filter(({ key, madeBy }) => published.get(key)?.revision !== madeBy)
      .map(({ key }) => key);
    return {
      archive: compare(truth, await this.archived()),
      index: compare(truth, this.indexed()),
      unpublished,
    };
  }
}

export const NO_DIFFERENCE: Difference = { missing: [], stale: [], extra: [] };
