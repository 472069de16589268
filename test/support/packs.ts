import { PackMessage, zipLines } from '../../shared/contract/pack-message.ts';

/** A record as the source sends it, as small as may be. `content` is its `answered_seconds`. */
export const rawRecord = ({
  id,
  content,
  ...fields
}: {
  id: unknown;
  content: number;
  [name: string]: unknown;
}): string =>
  Buffer.from(
    JSON.stringify({
      id,
      date: '2026-03-10',
      time: '09:30:00',
      status: 'answered',
      answered_seconds: content,
      ...fields,
    }),
  ).toString('latin1');

/** The body of an inline message with these lines; the header as given, else an ordinary one. */
export const packBody = (lines: readonly string[], header: Partial<PackMessage> = {}): string => {
  const message: PackMessage = PackMessage.parse({
    v: 1,
    account: 'main',
    dt: '2026-03-10',
    stamp: '00000001-0001-69af8c00',
    origin: 'live',
    keyedBy: 'id',
    eventsFrom: 0,
    numbers: 'masked',
    volatilePaths: ['recording_url?token'],
    records: lines.length,
    body: 'inline',
    ndjson: Buffer.from(zipLines(lines)).toString('base64'),
    ...header,
  });
  return JSON.stringify(message);
};
