import { Writable } from 'node:stream';
import { report, toFailure } from '../../cli/failure.ts';
import { runCommand } from '../../cli/main.ts';
import { Terminal } from '../../cli/terminal.ts';

/** What a command leaves behind. */
export interface Ended {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A stream that keeps what is written, as wide as is said; a terminal where `columns` is given. */
const sink = (columns: number | undefined) => {
  const written: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk.toString('utf8'));
      done();
    },
  });
  return {
    stream: Object.assign(stream, { isTTY: columns !== undefined, columns }) as unknown as NodeJS.WriteStream,
    text: () => written.join(''),
  };
};

/** Runs a command in this process, on a terminal of so many columns or in a pipe. */
export const cli = async (args: readonly string[], columns?: number): Promise<Ended> => {
  const [stdout, stderr] = [sink(columns), sink(columns)];
  const terminal = new Terminal(
    { stdout: stdout.stream, stderr: stderr.stream },
    { TERM: 'xterm-256color', LANG: 'C.UTF-8' },
    // A pipe is offered colours, so that it shows when one is taken; on a terminal the words are looked at.
    { plain: args.includes('--plain'), colour: columns === undefined, json: args.includes('--json') },
  );
  const exit = await runCommand(args, terminal, new AbortController().signal).catch((thrown: unknown) =>
    report(terminal, toFailure(thrown), false),
  );
  return { exit, stdout: stdout.text(), stderr: stderr.text() };
};
