import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readPage } from '../../shared/adapters/smartflo-answer.ts';
import { SourceError } from '../../shared/ports/source.ts';
import { reply, startSourceServer } from '../support/source-server.ts';
import { AT, CALLS, problemsOf, startAccount } from './support/hostile-second.ts';
import { type AskedPage, covers, smallPage, smallSource } from './support/small-source.ts';

const OFFICIAL = readFileSync(new URL('../fixtures/official-page.json', import.meta.url), 'utf8').trimEnd();

/** What reading these bytes comes to. */
const verdictOn = (text: string): string => {
  try {
    const answer = { status: 200, headers: {}, body: Buffer.from(text) };
    return `${readPage(answer, 0, 0).records.length} records`;
  } catch (error) {
    if (error instanceof SourceError) return `${error.kind} ${error.code}`;
    throw error;
  }
};

test('no beginning of the official page is taken for a page, or for anything but one cut off', () => {
  const verdicts = new Set<string>();
  for (const page of [OFFICIAL, JSON.stringify(JSON.parse(OFFICIAL))]) {
    expect(verdictOn(page)).toBe('1 records');
    for (let length = 0; length < page.length; length++) verdicts.add(verdictOn(page.slice(0, length)));
  }
  expect([...verdicts]).toEqual(['transient truncated']);
});

/** How an answer ends early: told as if it were whole, announced longer than it is, or compressed. */
type Cut = (page: Buffer, length: number, response: ServerResponse) => void;
const CUTS: Readonly<Record<string, Cut>> = {
  'by whoever wrote it': (page, length, response) => reply(response, 200, page.subarray(0, length)),
  'by the connection': (page, length, response) => {
    response.writeHead(200, { 'content-length': String(page.length) });
    response.write(page.subarray(0, length), () => response.destroy());
  },
  'in its compressed form': (page, length, response) =>
    reply(response, 200, gzipSync(page).subarray(0, length), { 'content-encoding': 'gzip' }),
};

/** Two rows a page: the four calls around the second are two pages, and each is cut. */
const pageOf = (number: number): AskedPage => ({
  from: AT - 3_000,
  to: AT + 2_000,
  page: number,
  limit: 2,
  duration: 0,
});

test.each([
  [1, 'by whoever wrote it', 1],
  [2, 'by whoever wrote it', 1],
  [1, 'by the connection', 5],
  [2, 'by the connection', 5],
  [1, 'in its compressed form', 1],
  [2, 'in its compressed form', 1],
])(
  'page %i, cut at every length %s (step %i), is read again, and nothing is lost',
  async (number, how, step) => {
    await using server = await startSourceServer(smallSource(CALLS));
    const cut = CUTS[how];
    const page = smallPage(CALLS, pageOf(number));
    const length = how === 'in its compressed form' ? gzipSync(page).length : page.length;
    const paged = { pageLimit: 2 };
    using calm = startAccount({ baseUrl: server.baseUrl }, paged);
    const { requests } = await calm.tick();
    for (let end = 0; end < length; end += step) {
      let cuts = 0;
      server.answer = smallSource(CALLS, (asked, response) => {
        if (cuts > 0 || !covers(asked, AT) || asked.page !== number) return false;
        cuts += 1;
        cut?.(page, end, response);
        return true;
      });
      using account = startAccount({ baseUrl: server.baseUrl }, paged);
      const report = await account.tick();
      expect({ end, cuts, requests: report.requests, exceptions: report.exceptions }).toEqual({
        end,
        cuts: 1,
        requests: requests + 1,
        exceptions: 0,
      });
      expect(problemsOf(account)).toEqual([]);
      expect(account.putAside()).toEqual([]);
    }
  },
);
