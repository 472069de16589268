import { wrapped } from '../columns.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { EXPLANATIONS } from '../explanations.ts';
import { nearest } from '../../shared/core/nearest.ts';
import type { Terminal } from '../terminal.ts';

/** Says more of a code, offline; without a code, lists them. */
export const explain = (terminal: Terminal, code: string | undefined): ExitCode => {
  const codes = Object.keys(EXPLANATIONS);
  if (code === undefined) {
    if (terminal.manners.json) terminal.document('explain/1', { codes: EXPLANATIONS });
    else terminal.print(codes.sort().join('\n'));
    return EXIT.ok;
  }
  const explanation = EXPLANATIONS[code.toLowerCase()];
  if (!explanation) {
    const near = nearest(code.toLowerCase(), codes);
    throw new Failure('code-unknown', 'there is no such code', {
      came: code,
      wanted: near ? `a code such as ${near}` : 'a code that an error printed',
      cure: near ? `npx smartflo-cdr explain ${near}` : 'npx smartflo-cdr explain',
      exit: EXIT.usage,
    });
  }
  if (terminal.manners.json) terminal.document('explain/1', { code: code.toLowerCase(), ...explanation });
  else {
    const { columns } = terminal.output;
    const cure = wrapped(explanation.cure, columns, 'cure: ');
    terminal.print(`${code.toLowerCase()}\n\n${wrapped(explanation.meaning, columns)}\n\n${cure}`);
  }
  return EXIT.ok;
};
