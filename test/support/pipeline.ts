import type { IngestPorts } from '../../functions/consumer/ingest.ts';
import { createMemoryBus } from '../../shared/adapters/memory/bus.ts';
import { createMemoryCallIndex } from '../../shared/adapters/memory/call-index.ts';
import { compileVolatilePaths, type VolatilePaths } from '../../shared/core/content-hash.ts';
import type { Window } from '../../shared/core/window.ts';
import { consume } from './consume.ts';
import {
  archivedContents,
  compare,
  type Contents,
  contentsAt,
  type Difference,
  indexedContents,
  unpublished,
} from './contents.ts';
import { PolledAccount } from './polled-account.ts';

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

  truth(window: Window): Contents {
    return contentsAt(this.fake.world, this.clock.at, window, this.#volatile);
  }

  /** How archive and index differ from the source, and which newest revisions the bus did not get. */
  async differences(
    window: Window,
  ): Promise<{ archive: Difference; index: Difference; unpublished: string[] }> {
    const truth = this.truth(window);
    const { objects, index, bus } = this;
    return {
      archive: compare(truth, archivedContents(objects.objects, this.#volatile)),
      index: compare(truth, indexedContents(index.calls)),
      unpublished: unpublished(index.calls, bus.events),
    };
  }
}
