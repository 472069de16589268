import { createMemoryQueue } from '../../../shared/adapters/memory/queue.ts';
import type { EpochMs, Ms } from '../../../shared/core/time.ts';
import type { Queue, QueueDepth } from '../../../shared/ports/queue.ts';
import type { Draws } from './draws.ts';
import type { Scheduler } from './scheduler.ts';

export interface Received {
  readonly messageId: string;
  readonly body: string;
  readonly receives: number;
}

interface Message {
  readonly messageId: string;
  readonly body: string;
  visibleAt: EpochMs;
  receives: number;
}

/** How the queue behaves in one run. */
export interface QueueWeather {
  /** A received message shows up again after this. */
  readonly visibility: Ms;
  /** A sent message shows up within this, later ones perhaps before earlier ones. */
  readonly delay: Ms;
  /** Of the messages so many are there twice. */
  readonly doubled: number;
}

/** What SQS promises and no more: at least once, in any order, hidden for a while by a receive. */
export class CallQueue implements Queue, QueueDepth {
  readonly #memory = createMemoryQueue();
  readonly #messages = new Map<string, Message>();
  readonly #scheduler: Scheduler;
  readonly #draws: Draws;
  readonly #weather: QueueWeather;
  /** How often one message was received at most: above the queue's limit it would be a dead letter. */
  mostReceives = 0;
  #sent = 0;

  constructor(scheduler: Scheduler, draws: Draws, weather: QueueWeather) {
    this.#scheduler = scheduler;
    this.#draws = draws;
    this.#weather = weather;
  }

  async send(bodies: readonly string[]) {
    const outcomes = await this.#memory.send(bodies);
    for (const body of this.#memory.bodies.splice(0)) {
      const copies = this.#draws.chance(this.#weather.doubled) ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1) {
        this.#show(body, this.#scheduler.now + this.#draws.below(this.#weather.delay + 1));
      }
    }
    return outcomes;
  }

  #show(body: string, visibleAt: EpochMs): void {
    this.#sent += 1;
    const messageId = `m${this.#sent}`;
    this.#messages.set(messageId, { messageId, body, visibleAt, receives: 0 });
    this.#scheduler.at(visibleAt);
  }

  get isEmpty(): boolean {
    return this.#messages.size === 0;
  }

  /** Hidden ones too. */
  async waiting(): Promise<number> {
    return this.#messages.size;
  }

  get hasVisible(): boolean {
    for (const { visibleAt } of this.#messages.values()) if (visibleAt <= this.#scheduler.now) return true;
    return false;
  }

  /** Some of the visible messages, in any order. */
  async receive(most: number): Promise<Received[]> {
    const visible = [...this.#messages.values()].filter(({ visibleAt }) => visibleAt <= this.#scheduler.now);
    const received: Received[] = [];
    while (visible.length > 0 && received.length < most) {
      const [message] = visible.splice(this.#draws.below(visible.length), 1);
      if (!message) break;
      message.receives += 1;
      this.mostReceives = Math.max(this.mostReceives, message.receives);
      message.visibleAt = this.#scheduler.now + this.#weather.visibility;
      this.#scheduler.at(message.visibleAt);
      received.push({ messageId: message.messageId, body: message.body, receives: message.receives });
    }
    return received;
  }

  /** Where the message was received again meanwhile, SQS may or may not delete it. */
  async delete({ messageId, receives }: Received): Promise<void> {
    const message = this.#messages.get(messageId);
    if (message && (message.receives === receives || this.#draws.chance(0.5)))
      this.#messages.delete(messageId);
  }
}
