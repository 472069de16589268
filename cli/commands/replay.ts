import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Account } from '../../shared/contract/account.ts';
import { type CallEvent, CallCreated, callEvent } from '../../shared/contract/call-event.ts';
import type { IndexedCall } from '../../shared/contract/indexed-call.ts';
import { SECOND } from '../../shared/core/time.ts';
import { readDay } from '../../shared/steps/archive-reader.ts';
import { newestCalls } from '../../shared/steps/newest-calls.ts';
import { wrapped } from '../columns.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { count, counted, span } from '../figures.ts';
import type { Consumer } from '../place/consumers.ts';
import { withPlace } from '../place/open-place.ts';
import { accountsOf, type Place, type PlaceOptions } from '../place/place.ts';
import { ProgressLine } from '../progress-line.ts';
import type { Terminal } from '../terminal.ts';

export interface ReplayOptions extends PlaceOptions {
  readonly day: string;
  readonly to: string;
  readonly where?: readonly string[];
  /** Events a second. */
  readonly rate: number;
  readonly dryRun?: boolean;
}

type Matches = (event: CallEvent) => boolean;

/** What an event must say to be sent. A list (`agents`) matches by any of its entries. @throws {Failure} */
const matcher = (conditions: readonly string[] = []): Matches => {
  const fields = Object.keys(CallCreated.shape.detail.shape.summary.shape);
  const wanted = conditions.map((condition) => {
    const at = condition.indexOf('=');
    return [condition.slice(0, at), condition.slice(at + 1)] as const;
  });
  const unknown = wanted.find(([field]) => !fields.includes(field));
  if (unknown)
    throw new Failure('usage', 'events have no such field', {
      came: `--where ${unknown[0]}=...`,
      wanted: `one of ${fields.join(', ')}`,
      cure: 'npx smartflo-cdr replay --day 2024-05-09 --to QUEUE --where direction=inbound --dry-run',
      exit: EXIT.usage,
    });
  return ({ detail }) =>
    wanted.every(([field, value]) => {
      const said: unknown = Reflect.get(detail.summary, field);
      return Array.isArray(said) ? said.includes(value) : JSON.stringify(said) === value || said === value;
    });
};

/** One account's calls of the day; `unindexed`: those whose revision the index has not, or not as the newest. */
const callsOf = async (
  place: Place,
  account: Account,
  day: string,
): Promise<{ calls: IndexedCall[]; unindexed: number }> => {
  const newest = await newestCalls(readDay(place.objects, account.name, day), account.volatilePaths);
  const indexed = await place.index.load(account.name, [...newest.keys()]);
  let unindexed = 0;
  const calls = [...newest.values()].map((call) => {
    const present = indexed.get(call.key);
    // The index names the revision: where messages came out of order, another stamp than the archive alone tells.
    if (present?.hash === call.hash) return present;
    unindexed += 1;
    return call;
  });
  return { calls, unindexed };
};

/** The event as EventBridge hands it to a queue that is a rule's target. */
const envelope = ({ source, detail, ...event }: CallEvent, { account, region }: Consumer['sender']): string =>
  JSON.stringify({
    version: '0',
    id: randomUUID(),
    'detail-type': event['detail-type'],
    source,
    account,
    time: `${new Date().toISOString().slice(0, 19)}Z`,
    region,
    resources: [],
    detail,
  });

/** Messages of events, made when it is their turn; of a rule those that its pattern lets pass. */
async function* passing(events: Iterable<CallEvent>, consumer: Consumer): AsyncGenerator<string> {
  for (const event of events) {
    const body = envelope(event, consumer.sender);
    if (await consumer.passes(body)) yield body;
  }
}

/** Entries of one request to SQS. */
const BATCH = 10;

/**
 * @param most messages that may come; a rule lets fewer pass
 * @returns how many were sent
 * @throws {Failure} at the first that a queue does not take
 */
const send = async (
  terminal: Terminal,
  bodies: AsyncIterable<string>,
  most: number,
  consumer: Consumer,
  rate: number,
): Promise<number> => {
  const progress = new ProgressLine(terminal, 'replaying', most);
  const began = performance.now();
  const step = Math.min(BATCH, rate);
  let sent = 0;
  const sendBatch = async (batch: readonly string[]): Promise<void> => {
    const due = began + (sent / rate) * SECOND - performance.now();
    if (due > 0) await wait(due);
    for (const { queue, url } of consumer.queues) {
      const outcomes = await queue.send(batch);
      const failed = outcomes.find((outcome) => !outcome.sent);
      if (failed && !failed.sent)
        throw new Failure('queue-refused', 'the queue did not take an event', {
          came: `${failed.code} from ${url}, after ${count(sent)} of ${count(most)} events`,
          wanted: 'a message accepted',
          cure: 'run the same command again: events that come twice have the same dedupeKey',
          exit: EXIT.awsRefused,
        });
    }
    sent += batch.length;
    progress.show(sent);
  };
  try {
    let batch: string[] = [];
    for await (const body of bodies) {
      batch.push(body);
      if (batch.length < step) continue;
      await sendBatch(batch);
      batch = [];
    }
    if (batch.length > 0) await sendBatch(batch);
    return sent;
  } finally {
    progress.close();
  }
};

const countAll = async (bodies: AsyncIterable<string>): Promise<number> => {
  let passed = 0;
  for await (const _ of bodies) passed += 1;
  return passed;
};

/** The newest revision of each of a day's calls, as an event of origin `replay`, to one consumer. */
export const replay = async (terminal: Terminal, options: ReplayOptions): Promise<ExitCode> => {
  const matches = matcher(options.where);
  return withPlace(options, async (place) => {
    const consumer = await place.consumers.find(options.to);
    let records = 0;
    let unindexed = 0;
    let matched = 0;
    const found: { account: Account; calls: readonly IndexedCall[] }[] = [];
    function* events(): Generator<CallEvent> {
      for (const { account, calls } of found)
        for (const call of calls) {
          const event = callEvent(call, 'replay', account.numbers);
          if (matches(event)) yield event;
        }
    }
    for (const account of accountsOf(place, options.account)) {
      terminal.stand(`reading ${account.name}, ${options.day}`);
      const day = await callsOf(place, account, options.day);
      records += day.calls.length;
      unindexed += day.unindexed;
      found.push({ account, calls: day.calls });
    }
    for (const _ of events()) matched += 1;
    terminal.stand('');
    const bodies = passing(events(), consumer);
    const passed = options.dryRun
      ? await countAll(bodies)
      : await send(terminal, bodies, matched, consumer, options.rate);
    const exit = records === 0 ? EXIT.finding : EXIT.ok;
    if (terminal.manners.json) {
      terminal.document('replay/1', {
        day: options.day,
        to: {
          via: consumer.via,
          name: consumer.name,
          queues: consumer.queues.map(({ url }) => url),
        },
        dryRun: options.dryRun ?? false,
        records,
        unindexed,
        matched,
        passed,
        sent: options.dryRun ? 0 : passed,
      });
      return exit;
    }
    report(terminal, place, options, { records, unindexed, events: passed, consumer });
    return exit;
  });
};

const report = (
  terminal: Terminal,
  place: Place,
  { day, to, rate, dryRun }: ReplayOptions,
  found: { records: number; unindexed: number; events: number; consumer: Consumer },
): void => {
  const { records, unindexed, events, consumer } = found;
  const targets = counted(consumer.queues.length, 'queue');
  terminal.print(
    wrapped(
      `${day}: ${counted(records, 'call')} in the archive, ${counted(events, 'event')} ${dryRun ? 'would go' : 'sent'} to ${to} (${targets})`,
      terminal.output.columns,
    ),
  );
  if (unindexed > 0)
    terminal.say(
      `${counted(unindexed, 'call')} not in the index as the archive has them: \`prove --day ${day}\` heals that; a later event may name another revision`,
    );
  if (dryRun && events > 0) {
    terminal.say(`at ${count(rate)} a second that takes ${span((events / rate) * SECOND)}`);
    terminal.say(`next: the same command without --dry-run`);
  } else terminal.say(`next: npx smartflo-cdr calls --day ${day}${place.flag}`);
};
