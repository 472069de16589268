import { quarantineObjects, windowNote } from '../../shared/contract/quarantine.ts';
import type { Window } from '../../shared/core/window.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import type { WindowReading } from './read-window.ts';

/** Where a window goes that no reading settles: what came of it is kept, with the reason. */
export class Quarantine {
  readonly #account: string;
  readonly #objects: ObjectStore;
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;

  constructor(account: string, objects: ObjectStore, clock: Clock, telemetry: Telemetry) {
    this.#account = account;
    this.#objects = objects;
    this.#clock = clock;
    this.#telemetry = telemetry;
  }

  /** Rejects when the store could not be asked: the window must not be covered then. */
  async keep(window: Window, reading: WindowReading, missing: number): Promise<void> {
    const { failure } = reading;
    const records = reading.pages.flatMap(({ sightings }) => sightings.map(({ raw }) => raw));
    const bytes = failure?.body ?? Buffer.from(records.map((raw) => `${raw}\n`).join(''), 'latin1');
    const note = {
      account: this.#account,
      reason: failure ? ('answer-unreadable' as const) : ('window-unsettled' as const),
      from: {
        window: windowNote(window),
        records: records.length,
        missing,
        ...(failure && { code: failure.code }),
      },
    };
    for (const { key, body } of quarantineObjects(bytes, note, this.#clock.real()))
      await this.#objects.create(key, body);
    this.#telemetry.count('Quarantined', 1, this.#account);
  }
}
