import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { parseHTML } from 'linkedom';
import { report } from '../../cli/commands/report.ts';
import { Terminal } from '../../cli/terminal.ts';
import type { ArchiveFolder } from './archive-folder.ts';
import { recordOf, type SmallCall } from './small-call.ts';

/** The command as a person runs it. @param at India time */
export const makeReport = async (
  folder: ArchiveFolder,
  { day, full = false, at }: { day: string; full?: boolean; at: string },
): Promise<{ file: string; html: string; stdout: string }> => {
  const stdout = new PassThrough();
  const streams = {
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: new PassThrough() as unknown as NodeJS.WriteStream,
  };
  const terminal = new Terminal(streams, {}, { plain: true, colour: false, json: false });
  const out = join(folder.path, `${day}${full ? '-full' : ''}.html`);
  await report(terminal, { day, data: folder.path, out, full }, Date.parse(`${at.replace(' ', 'T')}+05:30`));
  const file = String(stdout.read()).trim();
  return { file, html: readFileSync(file, 'utf8'), stdout: file };
};

/** The page's tables by their headings, cell by cell. */
export const tablesOf = (html: string): Record<string, string[][]> => {
  const { document } = parseHTML(html);
  return Object.fromEntries(
    [...document.querySelectorAll('table')].map((table) => [
      table.getAttribute('aria-label') ?? '',
      [...table.querySelectorAll('tbody tr')].map((row) =>
        [...row.querySelectorAll('td')].map((cell) => cell.textContent ?? ''),
      ),
    ]),
  );
};

/** The page's figures at its top, by their names. */
export const tilesOf = (html: string): Record<string, string> => {
  const { document } = parseHTML(html);
  return Object.fromEntries(
    [...document.querySelectorAll('.tiles div')].map((tile) => [
      tile.querySelector('dt')?.textContent ?? '',
      tile.querySelector('dd')?.textContent ?? '',
    ]),
  );
};

/** A working day of 240 calls: from a fixed rule, so that no two runs differ. */
export const dayOfCalls = (day: string): object[] =>
  Array.from({ length: 240 }, (_, nth): SmallCall => {
    const missed = nth % 4 === 3;
    const minute = 9 * 60 + ((nth * 37) % 600);
    const clock = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}:00`;
    return {
      id: `c${String(nth).padStart(3, '0')}`,
      at: `${day} ${clock}`,
      direction: nth % 5 === 4 ? 'outbound' : 'inbound',
      ...(!missed && { wait: (nth * 7) % 90, talk: 5 + ((nth * 41) % 900) }),
      customer: `90000${String(10_000 + ((nth * 13) % 170)).padStart(5, '0')}`,
      agent: `a${nth % 7}`,
      queue: ['sales', 'support', 'billing'][nth % 3] ?? 'sales',
      campaign: 'spring',
      disposition: ['Sale', 'Busy', 'Call later'][nth % 3] ?? 'Sale',
      circle: ['Delhi', 'Mumbai', 'Karnataka', 'Tamil Nadu'][nth % 4] ?? 'Delhi',
      did: `80000000${String(nth % 6).padStart(2, '0')}`,
    };
  }).map(recordOf);
