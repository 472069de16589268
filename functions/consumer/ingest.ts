import { lateKey } from '../../shared/contract/bucket-layout.ts';
import { callEvent } from '../../shared/contract/call-event.ts';
import type { IndexedCall } from '../../shared/contract/indexed-call.ts';
import { isLate } from '../../shared/contract/compaction.ts';
import { PackMessage, splitLines, unzip, zipLines } from '../../shared/contract/pack-message.ts';
import { type QuarantineNote, quarantineObjects, UNKNOWN_ACCOUNT } from '../../shared/contract/quarantine.ts';
import type { EpochMs } from '../../shared/core/time.ts';
import type { Bus } from '../../shared/ports/bus.ts';
import type { CallIndex } from '../../shared/ports/call-index.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import type { Gate } from './gate.ts';
import { judge } from '../../shared/contract/judge.ts';
import type { Observation } from '../../shared/contract/observations.ts';
import { type NewObject, type PlacedOddLine, placeAgain, placeLines, readWhole } from './placement.ts';

export interface IngestPorts {
  readonly objects: ObjectStore;
  readonly index: CallIndex;
  readonly bus: Bus;
  readonly telemetry: Telemetry;
  /** The wall clock: it only says when something was put aside. */
  now(): EpochMs;
}

/** One message as this invocation knows it. */
export interface Delivery {
  readonly messageId: string;
  readonly body: string;
  /** Dedupe keys of what this invocation has published of it; `ingest` adds to it. */
  readonly published: Set<string>;
  /** Bounds what is in flight, over all messages of the invocation. Rejects when the time is up. */
  readonly gate: Gate;
}

/** Two packs of a batch may want one record: who loses a round sees in the next what the winner wrote. */
const ROUNDS = 12;

/** Something did not go through; the message goes back to the queue. `code` is for logs. */
export class NotThrough extends Error {
  override readonly name = 'NotThrough';
  readonly code: string;
  constructor(code: string) {
    super(`not through: ${code}`);
    this.code = code;
  }
}

interface Opened {
  readonly pack: PackMessage;
  readonly zipped: Uint8Array;
  /** The same unpacked, and cut into lines. */
  readonly ndjson: Buffer;
  readonly lines: string[];
}

/**
 * One message: archive, then index, then bus. Every step repeated is harmless, so a message may come twice, late,
 * or after a death at any point.
 *
 * Throws to be tried again. What no retry cures, a record or the whole message, is quarantined and counted.
 */
export const ingest = async (delivery: Delivery, ports: IngestPorts): Promise<void> => {
  const opened = await open(delivery, ports);
  if (!opened) return;
  const { pack, zipped, ndjson, lines } = opened;
  const whole = readWhole(pack, lines, ndjson);
  // Looked up before anything is written: a record stays in its first partition, and a failed conditional put costs
  // what a put costs. A look that is behind costs one; what it judges is judged by the put again.
  const present = await load(whole.reading.observations, 'lately', pack, delivery, ports);
  const { objects, reading } = placeLines(pack, whole, present);
  for (const object of objects)
    await archive(object, object.lines === lines ? zipped : zipLines(object.lines), pack, delivery, ports);
  const { announced, refused } = await index(reading.observations, present, pack, delivery, ports);
  await publish(announced, pack, delivery, ports);
  for (const { reason, raw, dt, object, line, key } of [...reading.odd, ...refused]) {
    const from = { stamp: pack.stamp, dt, object, line, ...(key !== undefined && { key }) };
    await quarantine(Buffer.from(raw, 'latin1'), { reason, account: pack.account, from }, delivery, ports);
  }
  ports.telemetry.count('RecordsIngested', lines.length);
};

/** What comes for a day that may be curated already is marked, after it is there: whoever sees the mark finds it. */
const archive = async (
  { key, dt }: NewObject,
  zipped: Uint8Array,
  { account }: PackMessage,
  { gate }: Delivery,
  { objects, now }: IngestPorts,
): Promise<void> => {
  const begunAt = now();
  await gate(() => objects.create(key, zipped));
  if (isLate(dt, begunAt)) await gate(() => objects.create(lateKey(now(), account, dt), new Uint8Array()));
};

const load = (
  observations: readonly Observation[],
  asOf: 'now' | 'lately',
  { account }: PackMessage,
  { gate }: Delivery,
  { index }: IngestPorts,
): Promise<ReadonlyMap<string, IndexedCall>> =>
  gate(() =>
    index.load(
      account,
      observations.map(({ call }) => call.key),
      asOf,
    ),
  );

const quarantine = async (
  bytes: Uint8Array,
  note: Omit<QuarantineNote, 'version' | 'bytes' | 'quarantinedAt'>,
  { gate, messageId }: Delivery,
  { objects, telemetry, now }: IngestPorts,
): Promise<void> => {
  for (const { key, body } of quarantineObjects(bytes, note, now()))
    await gate(() => objects.create(key, body));
  telemetry.count('Quarantined', 1, note.account);
  telemetry.log('error', 'quarantined', {
    reason: note.reason,
    account: note.account,
    messageId,
    object: note.from.object,
    line: note.from.line,
  });
};

const parseMessage = (body: string): PackMessage | undefined => {
  try {
    return PackMessage.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
};

const tryUnzip = (zipped: Uint8Array): Buffer | undefined => {
  try {
    return unzip(zipped);
  } catch {
    return undefined;
  }
};

/** Unpacks a message; one that can't be is quarantined whole. */
const open = async (delivery: Delivery, ports: IngestPorts): Promise<Opened | undefined> => {
  const { body, messageId, gate } = delivery;
  const putAside = async (reason: QuarantineNote['reason'], pack?: PackMessage): Promise<undefined> => {
    const from = { messageId, ...(pack && { stamp: pack.stamp, dt: pack.dt, records: pack.records }) };
    const account = pack?.account ?? UNKNOWN_ACCOUNT;
    await quarantine(Buffer.from(body), { reason, account, from }, delivery, ports);
  };
  const pack = parseMessage(body);
  if (!pack) return putAside('message-unreadable');
  const zipped =
    pack.body === 'inline'
      ? Buffer.from(pack.ndjson, 'base64')
      : (await gate(() => ports.objects.read(pack.key)))?.body;
  if (!zipped) return putAside('claim-missing', pack);
  const ndjson = tryUnzip(zipped);
  if (!ndjson) return putAside('pack-unreadable', pack);
  const lines = splitLines(ndjson);
  if (lines.length !== pack.records) return putAside('pack-unreadable', pack);
  return { pack, zipped, ndjson, lines };
};

/**
 * Brings every observation into the index.
 * @returns the calls to announce, as they stand in the index, and what the index takes in no case.
 */
const index = async (
  observations: readonly Observation[],
  found: ReadonlyMap<string, IndexedCall>,
  pack: PackMessage,
  delivery: Delivery,
  ports: IngestPorts,
): Promise<{ announced: Announced[]; refused: PlacedOddLine[] }> => {
  const { gate } = delivery;
  const announced: Announced[] = [];
  const refused: PlacedOddLine[] = [];
  const aside = ({ raw, call: { dt, object, line, key } }: Observation, reason: PlacedOddLine['reason']) =>
    refused.push({ reason, raw, dt, object, line, key });

  let owed = observations;
  let present = found;
  for (let round = 1; owed.length > 0; round++) {
    if (round > ROUNDS) throw new NotThrough('index-contended');
    const lost: Observation[] = [];
    let failed = false;
    const settle = async (observation: Observation): Promise<void> => {
      const { happenedAt } = observation;
      const judgement = judge(present.get(observation.call.key), observation.call);
      if (judgement.act === 'announce') announced.push({ call: judgement.call, happenedAt });
      if (judgement.act === 'clash') aside(observation, 'key-repeated');
      if (judgement.act !== 'write') return;
      const { call, expectSeen, isRevision } = judgement;
      const written = await gate(async () => {
        if (failed) throw new NotThrough('index');
        return ports.index.write(call, expectSeen);
      });
      if (written === 'conflict') lost.push(observation);
      else if (written === 'refused') aside(observation, 'index-refused');
      else if (isRevision) announced.push({ call, happenedAt });
    };
    const settled = await Promise.allSettled(
      owed.map((observation) =>
        settle(observation).catch((error: unknown) => {
          // The message goes back anyway: what has not begun would only prolong an outage.
          failed = true;
          throw error;
        }),
      ),
    );
    const failure = settled.find((result) => result.status === 'rejected');
    if (failure) throw failure.reason;
    if (lost.length === 0) break;
    present = await load(lost, 'now', pack, delivery, ports);
    owed = await follow(lost, present, pack, delivery, ports);
  }
  return { announced, refused };
};

/** The observations, where the index has meanwhile got their records under another date: archived there too. */
const follow = (
  observations: readonly Observation[],
  present: ReadonlyMap<string, IndexedCall>,
  pack: PackMessage,
  delivery: Delivery,
  ports: IngestPorts,
): Promise<Observation[]> =>
  Promise.all(
    observations.map(async (observation) => {
      const dt = present.get(observation.call.key)?.dt ?? observation.call.dt;
      if (dt === observation.call.dt) return observation;
      const again = placeAgain(pack, observation, dt);
      await archive(again.object, zipLines(again.object.lines), pack, delivery, ports);
      return again.observation;
    }),
  );

interface Announced {
  readonly call: IndexedCall;
  readonly happenedAt: EpochMs | undefined;
}

/** Publishes what is not older than the account wants; a call whose time can't be told is published. */
const publish = async (
  announced: readonly Announced[],
  pack: PackMessage,
  { published, gate }: Delivery,
  { bus, telemetry }: IngestPorts,
): Promise<void> => {
  const events = announced
    .filter(({ happenedAt }) => happenedAt === undefined || happenedAt >= pack.eventsFrom)
    .map(({ call }) => callEvent(call, pack.origin, pack.numbers))
    .filter(({ detail }) => !published.has(detail.dedupeKey));
  if (events.length === 0) return;
  const outcomes = await gate(() => bus.publish(events));
  let code: string | undefined;
  for (const [place, { detail }] of events.entries()) {
    const outcome = outcomes[place];
    if (outcome?.sent) published.add(detail.dedupeKey);
    else code = outcome?.code ?? 'no-answer';
  }
  telemetry.count('EventsPublished', outcomes.filter(({ sent }) => sent).length);
  if (code !== undefined) throw new NotThrough(code);
};
