import type { AccountInput } from '../../shared/contract/account.ts';
import { type EpochMs, MINUTE } from '../../shared/core/time.ts';
import type { FakeSmartfloSettings } from '../../local/fake-smartflo/api.ts';
import type { AlarmWatch } from './alarm-watch.ts';
import { emitted } from './emitted-metrics.ts';
import { PolledAccount } from './polled-account.ts';

/** One account, polled by the real use case in virtual time; what its telemetry writes goes to the alarms. */
export class WatchedPoller {
  readonly polled: PolledAccount;
  /** Names of the metrics that it sent. */
  readonly sent = new Set<string>();
  readonly #watch: AlarmWatch;

  constructor(
    watch: AlarmWatch,
    settings: Omit<FakeSmartfloSettings, 'clock'> & { startedAt: EpochMs },
    account: Partial<AccountInput> = {},
  ) {
    this.#watch = watch;
    this.polled = new PolledAccount(settings, account);
  }

  async tick(at: EpochMs, openSource = this.polled.ports.openSource): Promise<void> {
    const points = await emitted('poller', at, (telemetry) =>
      this.polled.tick(at, undefined, { ...this.polled.ports, openSource, telemetry }),
    );
    this.#watch.metrics.add(points);
    for (const { name } of points) this.sent.add(name);
  }

  /** A tick every `step`. */
  async run(from: EpochMs, to: EpochMs, step = MINUTE): Promise<void> {
    for (let at = from; at < to; at += step) await this.tick(at);
  }
}
