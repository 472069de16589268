import type { Account } from '../../shared/contract/account.ts';
import { QUARANTINE } from '../../shared/contract/bucket-layout.ts';
import { packMessage } from '../../shared/contract/pack-message.ts';
import { QuarantineNote, UNKNOWN_ACCOUNT } from '../../shared/contract/quarantine.ts';
import { istStamp, parseIstStamp } from '../../shared/core/time.ts';
import { inOrder } from '../../shared/steps/archive-reader.ts';
import { placeOrders } from '../../shared/steps/place-order.ts';
import { instantOf } from '../../shared/contract/account.ts';
import { table } from '../columns.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { count, counted } from '../figures.ts';
import { withPlace } from '../place/open-place.ts';
import { accountsOf, type Place, type PlaceOptions } from '../place/place.ts';
import type { Terminal } from '../terminal.ts';

/** One quarantined thing: its note, and its name without the ending. */
interface Quarantined {
  readonly id: string;
  readonly note: QuarantineNote;
  readonly retriedAt: string | undefined;
}

const NOTE = '.json';
/** Beside the note, once somebody had it tried again. */
const RETRIED = '.retried';
const AHEAD = 16;

const quarantined = async (place: Place, account: string | undefined): Promise<Quarantined[]> => {
  const names = account === undefined ? [''] : [`account=${account}/`, `account=${UNKNOWN_ACCOUNT}/`];
  const found: Quarantined[] = [];
  for (const name of names) {
    const keys: string[] = [];
    for await (const key of place.objects.list(`${QUARANTINE}${name}`)) keys.push(key);
    const retried = new Set(keys.filter((key) => key.endsWith(RETRIED)));
    const notes = keys.filter((key) => key.endsWith(NOTE));
    for await (const thing of inOrder(notes, AHEAD, async (key) => {
      const stored = await place.objects.read(key);
      const id = key.slice(QUARANTINE.length, -NOTE.length);
      const note = QuarantineNote.parse(JSON.parse(Buffer.from(stored?.body ?? []).toString('utf8')));
      const mark = retried.has(`${QUARANTINE}${id}${RETRIED}`)
        ? await place.objects.read(`${QUARANTINE}${id}${RETRIED}`)
        : undefined;
      return { id, note, retriedAt: mark && Buffer.from(mark.body).toString('utf8') };
    }))
      found.push(thing);
  }
  return found.sort((a, b) => (a.note.quarantinedAt < b.note.quarantinedAt ? 1 : -1));
};

/** Exit 3 where something was never tried again. */
export const listQuarantine = async (terminal: Terminal, options: PlaceOptions): Promise<ExitCode> =>
  withPlace(options, async (place) => {
    const things = await quarantined(place, options.account);
    const untried = things.filter(({ retriedAt }) => retriedAt === undefined).length;
    const exit = untried > 0 ? EXIT.finding : EXIT.ok;
    if (terminal.manners.json) {
      terminal.document('quarantine/1', {
        things: things.map(({ id, note, retriedAt }) => ({ id, ...note, ...(retriedAt && { retriedAt }) })),
      });
      return exit;
    }
    if (things.length > 0)
      terminal.print(
        table(
          ['put aside (India)', 'reason', 'bytes', 'tried again', 'id'],
          things.map(({ id, note, retriedAt }) => [
            istStamp(Date.parse(note.quarantinedAt)),
            note.reason,
            count(note.bytes),
            retriedAt === undefined ? 'no' : 'yes',
            id,
          ]),
          terminal.output.columns,
          [2],
        ),
      );
    terminal.say(`${counted(things.length, 'thing')} in quarantine, ${count(untried)} never tried again`);
    const [first] = things;
    if (first) terminal.say(`next: npx smartflo-cdr quarantine show ${first.id}${place.flag}`);
    return exit;
  });

export const showQuarantined = async (
  terminal: Terminal,
  id: string,
  options: PlaceOptions,
): Promise<ExitCode> =>
  withPlace(options, async (place) => {
    const bytes = await bytesOf(place, id);
    const note = await place.objects.read(`${QUARANTINE}${id}${NOTE}`);
    const text = Buffer.from(bytes).toString('utf8');
    const said: unknown = note && JSON.parse(Buffer.from(note.body).toString('utf8'));
    if (terminal.manners.json) terminal.document('quarantined/1', { id, note: said, content: text });
    else {
      terminal.say(JSON.stringify(said, undefined, 2));
      terminal.print(text.trimEnd());
    }
    return EXIT.ok;
  });

const bytesOf = async (place: Place, id: string): Promise<Uint8Array> => {
  const stored = await place.objects.read(`${QUARANTINE}${id}.bin`);
  if (stored) return stored.body;
  throw new Failure('quarantine-unknown', 'nothing in quarantine has this id', {
    came: id,
    wanted: 'an id as `quarantine list` prints it',
    cure: `npx smartflo-cdr quarantine list${place.flag}`,
    exit: EXIT.finding,
  });
};

/**
 * Has quarantined things tried again: a message or a record goes to the queue as it came, a window is asked of the
 * source anew. What fails again stays where it is.
 */
export const retryQuarantined = async (
  terminal: Terminal,
  options: PlaceOptions & { id?: string },
): Promise<ExitCode> =>
  withPlace(options, async (place) => {
    if (options.id !== undefined) await bytesOf(place, options.id);
    const things = (await quarantined(place, options.account)).filter(
      ({ id }) => options.id === undefined || id === options.id,
    );
    const retried: { id: string; to: 'queue' | 'source' }[] = [];
    for (const thing of things) {
      const to = await retry(place, thing);
      await place.objects.create(`${QUARANTINE}${thing.id}${RETRIED}`, Buffer.from(new Date().toISOString()));
      retried.push({ id: thing.id, to });
    }
    if (terminal.manners.json) terminal.document('quarantine-retry/1', { retried });
    else
      for (const { id, to } of retried)
        terminal.print(`${id}  ${to === 'queue' ? 'sent to the queue' : 'asked of the source again'}`);
    terminal.say(`${counted(retried.length, 'thing')} tried again`);
    if (place.kind === 'folder' && !place.running && retried.length > 0)
      terminal.say(`next: npx smartflo-cdr start --once${place.flag} works them off`);
    return EXIT.ok;
  });

const retry = async (place: Place, { id, note }: Quarantined): Promise<'queue' | 'source'> => {
  const { from, account: name } = note;
  if (from.window) {
    const window = { from: parseIstStamp(from.window.from) ?? 0, to: parseIstStamp(from.window.to) ?? 0 };
    const order = { ...window, kind: 'repair' as const, publish: false, orderedAt: Date.now() };
    await placeOrders(name, [order], place);
    return 'source';
  }
  const bytes = await bytesOf(place, id);
  const body =
    from.messageId !== undefined && from.line === undefined
      ? Buffer.from(bytes).toString('utf8')
      : packMessage(
          {
            account: name,
            dt: from.dt ?? 'unknown',
            stamp: from.stamp ?? '',
            origin: 'repair',
            // A record whose id was taken by another is a record of its own.
            keyedBy: note.reason === 'key-repeated' ? 'content' : 'id',
            ...packPolicy(accountOfName(place, name)),
          },
          [Buffer.from(bytes).toString('latin1')],
        );
  const [outcome] = await place.queue.send([body]);
  if (outcome?.sent) return 'queue';
  throw new Failure('queue-refused', 'the queue did not take it', {
    came: outcome?.code ?? 'no answer',
    wanted: 'a message accepted',
    cure: 'run the same command again',
    exit: EXIT.awsRefused,
  });
};

const accountOfName = (place: Place, name: string): Account => accountsOf(place, name)[0] as Account;

/** What a message says of its account, as the poller has it. */
const packPolicy = ({ eventsFrom, numbers, volatilePaths }: Account) => ({
  eventsFrom: eventsFrom === undefined ? 0 : instantOf(eventsFrom),
  numbers,
  volatilePaths: [...volatilePaths],
});
