import { compileVolatilePaths, readContent } from '../../shared/core/content-hash.ts';
import { recordKey } from '../../shared/core/record-key.ts';
import type { Window } from '../../shared/core/window.ts';
import type { FakeSmartflo } from '../../local/fake-smartflo/api.ts';
import type { PolledAccount } from './polled-account.ts';

/** What of the sent and the source does not agree; each list holds a few keys, for a person to look at. */
export interface Disagreement {
  /** At the source, never sent. */
  readonly missing: string[];
  /** Sent, but the newest content sent is not the one at the source. */
  readonly stale: string[];
  /** Sent, and never at the source. */
  readonly strange: string[];
}

const volatile = compileVolatilePaths(['recording_url?token']);

/** Newest content sent of each key, by stamp, as the consumer would keep it. */
export const newestSent = (polled: PolledAccount): Map<string, { hash: string; stamp: string }> => {
  const newest = new Map<string, { hash: string; stamp: string }>();
  for (const { pack, lines } of polled.messages()) {
    for (const line of lines) {
      const content = readContent(line, volatile);
      const key = recordKey(content, { trustIds: pack.keyedBy === 'id' });
      const before = newest.get(key);
      if (!before || before.stamp < pack.stamp) newest.set(key, { hash: content.hash, stamp: pack.stamp });
    }
  }
  return newest;
};

const contentsAt = (fake: FakeSmartflo, at: number, window: Window): Map<string, Set<string>> => {
  const contents = new Map<string, Set<string>>();
  for (const call of fake.world.truth(at, window)) {
    if (fake.knobs.listing.hidden?.(call) || fake.knobs.listing.unlisted?.(call)) continue;
    const content = readContent(call.raw, volatile);
    const key = recordKey(content, { trustIds: true });
    contents.set(key, (contents.get(key) ?? new Set()).add(content.hash));
  }
  return contents;
};

/**
 * Compares what was sent with what the source shows of the calls that start in `window`, at the clock's present.
 * A record that shares its id with another must have gone under its content.
 */
export const disagreement = (polled: PolledAccount, window: Window): Disagreement => {
  const { fake, clock } = polled;
  const sent = newestSent(polled);
  const missing: string[] = [];
  const stale: string[] = [];
  const explained = new Set<string>();
  for (const [key, hashes] of contentsAt(fake, clock.at, window)) {
    for (const hash of hashes) {
      const name = hashes.size > 1 ? `~${hash}` : key;
      const found = sent.get(name);
      explained.add(name);
      if (!found) missing.push(name);
      else if (found.hash !== hash) stale.push(name);
    }
  }
  const gone = new Set<string>();
  for (const call of fake.world.vanished(clock.at)) {
    gone.add(recordKey(readContent(call.raw, volatile), { trustIds: true }));
  }
  const beyond = contentsAt(fake, clock.at, { from: -Infinity, to: Infinity });
  const strange = [...sent.keys()].filter((key) => {
    if (explained.has(key) || gone.has(key)) return false;
    return (
      !beyond.has(key) && ![...beyond.values()].some((hashes) => hashes.size > 1 && hashes.has(key.slice(1)))
    );
  });
  return { missing, stale, strange };
};

export const AGREED: Disagreement = { missing: [], stale: [], strange: [] };
