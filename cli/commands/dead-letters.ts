import { PackMessage, unzipLines } from '../../shared/contract/pack-message.ts';
import { istStamp } from '../../shared/core/time.ts';
import type { DeadLetter } from '../../shared/ports/dead-letters.ts';
import { table } from '../columns.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { counted } from '../figures.ts';
import { withPlace } from '../place/open-place.ts';
import type { Place, PlaceOptions } from '../place/place.ts';
import type { Terminal } from '../terminal.ts';

/** Looked through for one by its id. */
const MOST = 100_000;

const packOf = ({ body }: DeadLetter): PackMessage | undefined => {
  try {
    return PackMessage.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
};

/** What a letter is, without what its records say. */
const outline = (letter: DeadLetter) => {
  const pack = packOf(letter);
  return {
    id: letter.messageId,
    sentAt: new Date(letter.sentAt).toISOString(),
    receives: letter.receives,
    readable: pack !== undefined,
    ...(pack && {
      account: pack.account,
      dt: pack.dt,
      stamp: pack.stamp,
      origin: pack.origin,
      records: pack.records,
    }),
  };
};

/** Exit 3 where something is there. */
export const listDeadLetters = async (
  terminal: Terminal,
  options: PlaceOptions & { limit: number },
): Promise<ExitCode> =>
  withPlace(options, async (place) => {
    const [count, letters] = [await place.deadLetters.count(), await place.deadLetters.peek(options.limit)];
    const outlines = letters.map(outline);
    const exit = count > 0 ? EXIT.finding : EXIT.ok;
    if (terminal.manners.json) {
      terminal.document('dead-letters/1', { count, messages: outlines });
      return exit;
    }
    if (outlines.length > 0)
      terminal.print(
        table(
          ['sent (India)', 'tries', 'account', 'day', 'records', 'id'],
          outlines.map(({ id, sentAt, receives, account, dt, records }) => [
            istStamp(Date.parse(sentAt)),
            String(receives),
            account ?? 'unreadable',
            dt ?? '',
            records === undefined ? '' : String(records),
            id,
          ]),
          terminal.output.columns,
          [1, 4],
        ),
      );
    terminal.say(counted(count, 'dead letter'));
    if (count > 0)
      terminal.say(`next: npx smartflo-cdr dead-letters redrive${place.flag}, once the cause is cured`);
    return exit;
  });

export const showDeadLetter = async (
  terminal: Terminal,
  id: string,
  options: PlaceOptions,
): Promise<ExitCode> =>
  withPlace(options, async (place) => {
    const letter = (await place.deadLetters.peek(MOST)).find(({ messageId }) => messageId === id);
    if (!letter) throw unknown(id, place);
    const records = await recordsOf(letter, place);
    if (terminal.manners.json) {
      terminal.document('dead-letter/1', {
        ...outline(letter),
        ...(records ? { lines: records } : { body: letter.body }),
      });
      return EXIT.ok;
    }
    for (const [key, value] of Object.entries(outline(letter))) terminal.say(`${key}: ${String(value)}`);
    terminal.print(records ? records.join('\n') : letter.body);
    return EXIT.ok;
  });

/** The records as text; undefined where the message is none of ours, or its claim is gone. */
const recordsOf = async (letter: DeadLetter, { objects }: Place): Promise<string[] | undefined> => {
  const pack = packOf(letter);
  const zipped =
    pack?.body === 'inline'
      ? Buffer.from(pack.ndjson, 'base64')
      : pack && (await objects.read(pack.key))?.body;
  if (!zipped) return undefined;
  try {
    return unzipLines(zipped).map((line) => Buffer.from(line, 'latin1').toString('utf8'));
  } catch {
    return undefined;
  }
};

export const redriveDeadLetters = async (
  terminal: Terminal,
  options: PlaceOptions & { id?: string },
): Promise<ExitCode> =>
  withPlace(options, async (place) => {
    const back = await place.deadLetters.redrive(
      options.id === undefined ? undefined : new Set([options.id]),
    );
    if (options.id !== undefined && back.length === 0) throw unknown(options.id, place);
    if (terminal.manners.json) terminal.document('redrive/1', { redriven: back });
    else for (const id of back) terminal.print(id);
    terminal.say(`${counted(back.length, 'message')} sent back to the queue`);
    if (place.kind === 'folder' && !place.running && back.length > 0)
      terminal.say(`next: npx smartflo-cdr start --once${place.flag} works them off`);
    return EXIT.ok;
  });

const unknown = (id: string, place: Place): Failure =>
  new Failure('dead-letter-unknown', 'no dead letter has this id', {
    came: id,
    wanted: 'an id as `dead-letters list` prints it',
    cure: `npx smartflo-cdr dead-letters list${place.flag}`,
    exit: EXIT.finding,
  });
