import { createWriteStream } from 'node:fs';

/** The log of the runs on one data folder: one JSON object a line, the functions' own lines among them. */
export interface RunLog {
  /** By ids and codes; never with numbers, names, tokens, URLs or bodies. */
  write(level: 'info' | 'warn' | 'error', message: string, facts?: Readonly<Record<string, unknown>>): void;
  /** A line that a function wrote, as it is. */
  line(text: string): void;
  close(): Promise<void>;
}

export const openRunLog = (file: string, now: () => Date): RunLog => {
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 });
  // A full disk must not end the run by way of its log; the stores will say it themselves.
  stream.on('error', () => {});
  return {
    write: (level, message, facts = {}) =>
      void stream.write(`${JSON.stringify({ at: now().toISOString(), level, message, ...facts })}\n`),
    line: (text) => void stream.write(text.endsWith('\n') ? text : `${text}\n`),
    close: () => new Promise((done) => stream.end(done)),
  };
};
