import { IndexSwitchedOff } from '../../shared/ports/call-index.ts';
import type { IndexedCall } from '../../shared/contract/indexed-call.ts';
import { newestManifest, provenDays } from '../../shared/steps/day-manifests.ts';
import { count, counted } from '../figures.ts';
import type { Place } from '../place/place.ts';
import type { Answer } from './source-probes.ts';

/** As many as the reads at 8 days reach back, and one. */
const DAYS = 9;
const CALLS = 500;

/**
 * The questions that no probe can answer, only what has been stored meanwhile: which fields change, whether `id` survives
 * it, whether records vanish. Left out where nothing tells yet.
 */
export const measuredAnswers = async (
  place: Pick<Place, 'objects' | 'index'>,
  accounts: readonly string[],
): Promise<Answer[]> => {
  const calls: IndexedCall[] = [];
  let [days, vanished] = [0, 0];
  for (const account of accounts) {
    const known: string[] = [];
    for await (const dt of provenDays(place.objects, account)) known.push(dt);
    for (const dt of known.slice(-DAYS)) {
      days += 1;
      vanished += (await newestManifest(place, account, dt))?.vanished ?? 0;
    }
    const newest = known.at(-1);
    if (newest !== undefined) calls.push(...(await callsOf(place, account, newest)));
  }
  const changed = calls.filter((call) => call.changed.length > 0);
  const fields = Map.groupBy(
    changed.flatMap((call) => call.changed),
    (field) => field,
  );
  const names = [...fields].sort(([, a], [, b]) => b.length - a.length).map(([field]) => field);
  const among = `${count(changed.length)} of ${counted(calls.length, 'call')} read`;
  return [
    ...(changed.length === 0
      ? []
      : [
          {
            question: 10,
            about: 'which fields change later',
            answer: `${among}: ${names.join(', ')}; how long after, npx smartflo-cdr lateness tells`,
          },
          {
            question: 11,
            about: 'whether id survives a change',
            answer: `it does: ${among} changed under one id`,
          },
        ]),
    ...(days === 0
      ? []
      : [
          {
            question: 18,
            about: 'records removed or merged',
            answer: `${counted(vanished, 'record')} vanished in ${counted(days, 'proven day')}`,
          },
        ]),
  ];
};

const callsOf = async (
  { index }: Pick<Place, 'index'>,
  account: string,
  dt: string,
): Promise<IndexedCall[]> => {
  try {
    const [answered, missed] = await Promise.all(
      ['answered', 'missed'].map((status) => index.find(account, { by: 'day', dt, status }, CALLS)),
    );
    return [...(answered ?? []), ...(missed ?? [])];
  } catch (thrown) {
    if (thrown instanceof IndexSwitchedOff) return [];
    throw thrown;
  }
};
