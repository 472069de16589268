import { EXIT } from './exit-codes.ts';
import { Failure } from './failure.ts';
import type { Terminal } from './terminal.ts';

/**
 * Asks a person. Where nobody can be asked, it does not wait: the flag that answers is named.
 *
 * @throws {Failure} where stdin or stderr is no terminal and the flag is not given.
 */
export const confirm = async (
  terminal: Terminal,
  question: string,
  answered: boolean,
  flag: string,
): Promise<boolean> => {
  if (answered) return true;
  if (process.stdin.isTTY && terminal.people.redraw && !terminal.manners.json) {
    const { confirm: ask, isCancel } = await import('@clack/prompts');
    const answer = await ask({ message: question, initialValue: false, output: terminal.stderr });
    return !isCancel(answer) && answer;
  }
  throw new Failure('answer-needed', 'somebody must say yes, and nobody can be asked here', {
    came: `the question "${question}" without a terminal`,
    wanted: `${flag}, or a terminal`,
    cure: `the same command with ${flag}`,
    exit: EXIT.declined,
  });
};
