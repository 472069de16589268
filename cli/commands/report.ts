import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readStatus } from '../../local/status.ts';
import type { EpochMs } from '../../shared/core/time.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure, toFailure } from '../failure.ts';
import { counted } from '../figures.ts';
import { archiveRoot, inArchive } from '../in-archive.ts';
import { askDay } from '../report/facts.ts';
import { reportPage } from '../report/page.ts';
import type { Terminal } from '../terminal.ts';

export interface ReportOptions {
  /** IST date. */
  readonly day: string;
  readonly data: string;
  readonly out?: string;
  readonly full?: boolean;
}

/** Writes one day's calls as one page that can be mailed, printed and kept. @param now UTC epoch ms */
export const report = async (
  terminal: Terminal,
  { day, data, out = `calls-${day}.html`, full = false }: ReportOptions,
  now: EpochMs = Date.now(),
): Promise<ExitCode> => {
  const root = archiveRoot(data);
  const facts = await inArchive(root, toFailure, (database) => askDay(database, day));
  const simulated = (await readStatus(root))?.simulated ?? false;
  const file = resolve(out);
  writePage(file, reportPage(facts, { full, simulated, madeAt: now }));
  const [{ calls, answered, missed } = { calls: 0, answered: 0, missed: 0 }] = facts['calls-per-day'];
  if (terminal.manners.json) terminal.document('report/1', { file, day, calls, answered, missed, full });
  else terminal.print(file);
  terminal.say(
    calls === 0
      ? `no calls on ${day} in this archive; next: npx smartflo-cdr query --named calls-per-day`
      : `${counted(calls, 'call')} · next: open the file in a browser, or print it on A4`,
  );
  return EXIT.ok;
};

/** It holds calls, so it is its owner's alone. */
const writePage = (file: string, page: string): void => {
  try {
    writeFileSync(file, page, { mode: 0o600 });
  } catch (thrown) {
    throw new Failure('file-unwritable', 'the page could not be written', {
      came: `${file}: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
      wanted: 'a file in a folder that is there',
      cure: 'name another file with --out',
      cause: thrown,
    });
  }
};
