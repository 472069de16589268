import { HOUR, SECOND } from '../../shared/core/time.ts';
import type { KnobChanges } from './knobs.ts';

/**
 * Named settings for local mode.
 * - `everyday`: a small office. Enough is late, edited and broken to see the system deal with it.
 * - `busy`: 200 calls a minute on the full day curve.
 * - `hostile`: every shape and every fault, often; pages small and never quite in order.
 */
export const SCENES = {
  everyday: {
    calls: { callsPerMinute: 6, dayCurve: 0.5, lateShare: 0.02 },
    // A quarter of the edits come within a minute and a half, while the call is still in the live window.
    edits: { share: 0.3, from: 10 * SECOND, to: 24 * HOUR, recordingLateShare: 0.1 },
    drift: { share: 0.01 },
    listing: { rotatingTokens: true },
    rate: { cps: 20, retryAfter: 1 },
    faults: { share: 0.01, latency: 20 },
  },
  busy: {
    calls: { callsPerMinute: 200, dayCurve: 1, lateShare: 0.02, vanishShare: 0.0005 },
    edits: { share: 0.2, from: 30 * SECOND, to: 24 * HOUR, recordingLateShare: 0.2 },
    drift: { share: 0.01 },
    listing: { rotatingTokens: true },
    rate: { cps: 50, retryAfter: 1 },
    faults: { share: 0.01, latency: 60 },
  },
  hostile: {
    calls: {
      callsPerMinute: 20,
      dayCurve: 0.5,
      lateShare: 0.2,
      lateTo: 3 * HOUR,
      legShare: 0.15,
      vanishShare: 0.01,
    },
    edits: { share: 0.5, from: 10 * SECOND, to: 24 * HOUR, revertShare: 0.3, recordingLateShare: 0.5 },
    identity: { missingShare: 0.01, repeatedShare: 0.01, hostileShare: 0.03 },
    drift: { share: 0.15, hostileDateShare: 0.02, hugeShare: 0.001 },
    listing: {
      limitCap: 50,
      limitEcho: 'used',
      numbersAs: 'string',
      pastTheEnd: 'last-page',
      ties: 'shuffled',
      shiftShare: 0.05,
      rotatingTokens: true,
      layout: 'pretty',
      gzip: true,
    },
    auth: { expiresIn: 600 },
    rate: { cps: 20 },
    faults: {
      share: 0.08,
      kinds: [
        'server-error',
        'bad-gateway',
        'rate-limited',
        'html',
        'failure-200',
        'truncated',
        'cut',
        'reset',
        'slow',
      ],
      slowFor: 2 * SECOND,
      latency: 50,
    },
  },
} satisfies Record<string, KnobChanges>;

export type SceneName = keyof typeof SCENES;
