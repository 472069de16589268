import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { EXIT } from '../../cli/exit-codes.ts';
import { runCommand } from '../../cli/main.ts';
import { Terminal } from '../../cli/terminal.ts';
import { ConsumerEnv } from '../../functions/consumer/env.ts';
import { PollerEnv } from '../../functions/poller/env.ts';

const PAGES = ['docs/operating.md', 'docs/consuming.md', 'docs/cost.md'];

/** Every command that a page names, on one line: words up to what is a value, and flags. */
const commandsIn = (page: string): string[] => {
  const text = readFileSync(page, 'utf8').replaceAll('\n', ' ');
  return [...text.matchAll(/npx smartflo-cdr ([^`|]*?)(?=[`;|]| {2}|$)/g)].map(([, words = '']) =>
    words.trim(),
  );
};

const helpOf = async (...words: string[]) => {
  const stdout = new PassThrough();
  const terminal = new Terminal(
    {
      stdout: stdout as unknown as NodeJS.WriteStream,
      stderr: new PassThrough() as unknown as NodeJS.WriteStream,
    },
    {},
    { plain: true, colour: false, json: false },
  );
  const exit = await runCommand([...words, '--help'], terminal, new AbortController().signal);
  return { exit, text: String(stdout.read()) };
};

test.each(PAGES.flatMap((page) => commandsIn(page).map((command): [string, string] => [page, command])))(
  '%s: npx smartflo-cdr %s is a command with these flags',
  async (_, command) => {
    const words = command.split(/ +/);
    const [commandWords = ''] = /^[a-z][a-z-]*(?: [a-z][a-z-]*)*/.exec(command) ?? [];
    const named = commandWords.split(' ');
    const { exit, text } = await helpOf(...named);
    expect(exit).toBe(EXIT.ok);
    expect(text).toContain(`Usage: smartflo-cdr ${named.join(' ')}`);
    for (const flag of words.filter((word) => word.startsWith('--') && word !== '--help'))
      expect(text, flag).toMatch(new RegExp(`${flag}\\b`));
  },
);

test('each page names some', () => {
  for (const page of PAGES) expect(commandsIn(page).length, page).toBeGreaterThan(0);
});

test('every command has its page in docs/commands.md, with an example', async () => {
  const { text } = await helpOf();
  const commands = [...text.matchAll(/^ {2}([a-z][a-z-]*)\b.* {2}\S/gm)].map(([, name]) => name);
  const pages = readFileSync('docs/commands.md', 'utf8')
    .split(/^## /m)
    .filter((page) => /^ {4}npx smartflo-cdr /m.test(page))
    .map((page) => /^[a-z-]+/.exec(page)?.[0]);
  expect(commands.length).toBeGreaterThan(18);
  expect(new Set(pages)).toEqual(new Set(commands.filter((name) => name !== 'help')));
});

test.each([
  ['poller', PollerEnv.shape],
  ['consumer', ConsumerEnv.shape],
])('whoever drives the %s from outside is told of its whole environment', (_, shape) => {
  const [, told = ''] = readFileSync('docs/architecture.md', 'utf8').split(
    '## Driving the functions from outside',
  );
  expect(Object.keys(shape).filter((name) => !told.includes(`\`${name}\``))).toEqual([]);
});
