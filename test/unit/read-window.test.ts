import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type AskPage, type ReadRequest, readWindow } from '../../functions/poller/read-window.ts';
import { compileVolatilePaths } from '../../shared/core/content-hash.ts';
import { istStamp, MINUTE, parseIstStamp, SECOND } from '../../shared/core/time.ts';

const FROM = parseIstStamp('2026-03-10 09:00:00') ?? 0;

const request: ReadRequest = {
  window: { from: FROM, to: FROM + 10 * MINUTE },
  open: false,
  missing: 0,
  pageLimit: 3,
  most: 20,
  filterOn: 'start',
  volatile: compileVolatilePaths([]),
};

const nextTurn = () => setImmediate();

const row = (name: string, startAt = FROM + MINUTE): { raw: string } => {
  const [date, time] = istStamp(startAt).split(' ');
  return { raw: JSON.stringify({ id: name, date, time, end_stamp: istStamp(startAt + SECOND) }) };
};

/** Answers with these pages, by number, whatever the limit; past the last comes an empty one. */
const answering =
  (pages: readonly (readonly { raw: string }[])[], count: number): AskPage =>
  async (page, limit) => ({
    stamp: `00000001-000${page}-69af8c00`,
    page: { count, limit, records: [...(pages[page - 1] ?? [])], latency: 1 },
  });

const read = (pages: readonly (readonly { raw: string }[])[], count: number) =>
  readWindow(request, answering(pages, count), nextTurn);

const rows = (...names: string[]) => names.map((name) => row(name));

describe('a closed window', () => {
  it('is covered when its rows are what the source counts', async () => {
    expect((await read([rows('a', 'b', 'c'), rows('d', 'e')], 5)).verdict).toBe('covered');
    expect((await read([rows('a', 'b', 'c'), rows('d')], 5)).verdict).toBe('unsettled');
  });

  it('is not covered by as many records as counted where one of them came twice: another has slipped', async () => {
    // A sixth came in, the count was frozen, and `e` stood aside for `d`, whose second it shares.
    expect((await read([rows('a', 'b', 'c'), rows('d', 'd', 'f')], 5)).verdict).toBe('unsettled');
  });

  it('is not covered by a full last page that others follow: the count was frozen while one came in', async () => {
    const shown = [rows('a', 'b', 'c'), rows('d', 'e', 'f')];
    expect((await read(shown, 6)).verdict).toBe('covered');
    expect((await read([...shown, rows('g')], 6)).verdict).toBe('unsettled');
    // A source that repeats its last page says that there is no more.
    expect((await read([...shown, rows('d', 'e', 'f')], 6)).verdict).toBe('covered');
  });

  it('is not taken for ignored because its short last page holds two odd records', async () => {
    const odd = [row('d', 0), row('e', SECOND)];
    expect((await read([rows('a', 'b', 'c'), odd], 5)).verdict).toBe('covered');
    expect((await read([[...odd, row('a')], rows('b', 'c')], 5)).verdict).toBe('ignored');
  });
});

describe('the next page', () => {
  /** Tells what happens, in order: a request goes out, as Node's client does it in a later tick, or rows are read. */
  const watch = async (pages: readonly (readonly { raw: string }[])[], count: number) => {
    const happened: string[] = [];
    let asking = 0;
    const answer = answering(pages, count);
    const reading = await readWindow(
      request,
      async (page, limit) => {
        asking += 1;
        expect(asking).toBe(1);
        await new Promise<void>((resolve) => process.nextTick(resolve));
        happened.push(`ask ${page}`);
        await setImmediate();
        const answered = await answer(page, limit);
        asking -= 1;
        const records = answered?.page.records.map(({ raw }, place) => ({
          get raw() {
            if (place === 0) happened.push(`read ${page}`);
            return raw;
          },
        }));
        return answered && { ...answered, page: { ...answered.page, records: records ?? [] } };
      },
      nextTurn,
    );
    expect(asking).toBe(0);
    return { verdict: reading.verdict, happened };
  };

  it('is asked for while the one before is read, where it is needed whatever that one holds', async () => {
    const { verdict, happened } = await watch([rows('a', 'b', 'c'), rows('d', 'e', 'f'), rows('g')], 7);
    expect(verdict).toBe('covered');
    expect(happened).toEqual(['ask 1', 'ask 2', 'read 1', 'ask 3', 'read 2', 'read 3']);
  });

  it('is not asked for ahead where the first says that there are too many, or shows all', async () => {
    expect((await watch([rows('a', 'b', 'c')], 3 * request.most + 1)).happened).toEqual(['ask 1', 'read 1']);
    expect((await watch([rows('a', 'b', 'c')], 3)).happened).toEqual(['ask 1', 'read 1']);
  });

  it('has come before a window is given up that the source ignores', async () => {
    const elsewhere = [row('a', 0), row('b', SECOND), row('c', 2 * SECOND)];
    const { verdict, happened } = await watch([elsewhere, rows('d', 'e', 'f')], 6);
    expect(verdict).toBe('ignored');
    expect(happened).toEqual(['ask 1', 'ask 2', 'read 1']);
  });
});
