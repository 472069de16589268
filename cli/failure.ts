import { EXIT, type ExitCode } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/** An error that a person can act on: four parts, and how the command ends. */
export class Failure extends Error {
  override readonly name = 'Failure';
  /** Stable; `explain CODE` knows more. */
  readonly code: string;
  /** What came. */
  readonly came: string;
  /** What was wanted. */
  readonly wanted: string;
  /** The command, or the one act, that cures it. */
  readonly cure: string;
  readonly exit: ExitCode;
  /** Where more is written, once a run has a log. */
  log: string | undefined;

  constructor(
    code: string,
    message: string,
    parts: { came: string; wanted: string; cure: string; exit?: ExitCode; cause?: unknown },
  ) {
    super(message, { cause: parts.cause });
    this.code = code;
    this.came = parts.came;
    this.wanted = parts.wanted;
    this.cure = parts.cure;
    this.exit = parts.exit ?? EXIT.failed;
  }
}

/** What the AWS SDK throws where a service refused, did not answer, or could not be asked for want of credentials. */
const fromAws = (thrown: unknown): thrown is Error =>
  thrown instanceof Error &&
  ('$metadata' in thrown || /^(Credentials|Token)ProviderError$/.test(thrown.name));

/** LevelDB has no code of its own for it. */
const isDiskFull = (thrown: unknown): thrown is Error =>
  thrown instanceof Error && /\b(ENOSPC|EDQUOT)\b|no space left on device/i.test(thrown.message);

/** Anything thrown, as a failure. What was not foreseen says so. */
export const toFailure = (thrown: unknown): Failure => {
  if (thrown instanceof Failure) return thrown;
  if (fromAws(thrown))
    return new Failure('aws-refused', 'AWS did not do what was asked', {
      came: `${thrown.name}: ${thrown.message}`,
      wanted: 'an answer, and credentials that may do this',
      cure: 'aws sts get-caller-identity tells whose credentials are used; then run the same command again',
      exit: EXIT.awsRefused,
      cause: thrown,
    });
  if (isDiskFull(thrown))
    return new Failure('disk-full', 'the disk is full', {
      came: thrown.message,
      wanted: 'room for what is to be written',
      cure: 'make room and run the same command again; what was stored is kept',
      cause: thrown,
    });
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new Failure('unexpected', 'this should not have happened', {
    came: message,
    wanted: 'no error here: it is a defect of this program',
    cure: 'run the same command again with --debug, and report what it prints',
    cause: thrown,
  });
};

/** The lines of a failure, the word before any colour. */
export const failureLines = (failure: Failure): string[] => [
  `error ${failure.code}: ${failure.message}`,
  `  came    ${failure.came}`,
  `  wanted  ${failure.wanted}`,
  `  cure    ${failure.cure}`,
  ...(failure.log ? [`  log     ${failure.log}`] : []),
  `  more    npx smartflo-cdr explain ${failure.code}`,
];

/** Tells people. */
export const tell = (terminal: Terminal, failure: Failure, debug: boolean): void => {
  const [first = '', ...rest] = failureLines(failure);
  terminal.stand('');
  terminal.say(terminal.paint('red', first));
  for (const line of rest) terminal.say(line);
  const origin = failure.cause instanceof Error ? failure.cause : failure;
  if (debug && origin.stack) terminal.say(origin.stack);
};

/** Tells people, and under `--json` programs too: the failure is then the command's document. */
export const report = (terminal: Terminal, failure: Failure, debug: boolean): ExitCode => {
  tell(terminal, failure, debug);
  if (terminal.manners.json) {
    const { code, message, came, wanted, cure, exit } = failure;
    terminal.line('error/1', { code, message, came, wanted, cure, exit });
  }
  return failure.exit;
};
