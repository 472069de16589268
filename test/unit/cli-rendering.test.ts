import { describe, expect, it } from 'vitest';
import { CALLS_A_SECOND, CallFeed, callLine, maskNumber } from '../../cli/call-line.ts';
import { facts, table, wrapped } from '../../cli/columns.ts';
import { clockSpan, count, rate, span } from '../../cli/figures.ts';
import { statusLine } from '../../cli/status-line.ts';
import { surfaceOf, widthOf } from '../../cli/terminal.ts';
import type { LocalStatus } from '../../local/status.ts';

const open = { plain: false, colour: true, json: false };
const UTF8 = { LANG: 'en_IN.UTF-8' };

const call = {
  startAt: Date.parse('2024-05-09T06:22:14Z'),
  direction: 'inbound',
  status: 'answered',
  durationSeconds: 48,
  number: '+9155*****4255',
  agent: '05047530422',
  news: 'new',
} as const;

const status: LocalStatus = {
  phase: 'live',
  startedAt: '2026-11-23T00:00:00.000Z',
  updatedAt: '2026-11-23T00:00:00.000Z',
  simulated: true,
  source: 'simulated',
  accounts: ['main'],
  data: '/d',
  archive: '/d/raw',
  events: '/d/events',
  log: '/d/log',
  figures: {
    lagSeconds: 12,
    callsToday: 1234,
    archived: 1234567,
    indexed: 1234567,
    events: 1234567,
    waiting: 0,
    deadLetters: 1,
    quarantined: 1,
    errors: 1,
  },
};

describe('what a stream can show', () => {
  it.each([
    [undefined, 80],
    [0, 80],
    [19, 80],
    [20, 20],
    [40, 40],
    [200, 200],
  ])('counts %s columns as %s', (columns, wanted) => {
    expect(surfaceOf({ isTTY: true, columns }, {}, open).columns).toBe(wanted);
  });

  it('redraws and colours on a terminal only', () => {
    expect(surfaceOf({ isTTY: true, columns: 80 }, UTF8, open)).toMatchObject({ redraw: true, colour: true });
    expect(surfaceOf({ columns: 80 }, UTF8, open)).toMatchObject({
      redraw: false,
      colour: false,
      unicode: false,
    });
  });

  it.each([
    [{ NO_COLOR: '1' }, open, { colour: false, redraw: true }],
    [{ NO_COLOR: '' }, open, { colour: true }],
    [{ TERM: 'dumb' }, open, { colour: false, redraw: false, unicode: false }],
    [{}, { ...open, colour: false }, { colour: false, redraw: true }],
    [{}, { ...open, plain: true }, { redraw: false, unicode: false }],
    [{ LANG: 'C' }, open, { unicode: process.platform === 'win32' }],
  ])('obeys %j %j', (env, manners, wanted) => {
    expect(surfaceOf({ isTTY: true, columns: 80 }, { ...UTF8, ...env }, manners)).toMatchObject(wanted);
  });
});

describe('a call on a line', () => {
  it('says India time, direction, status, duration, masked number, news and agent', () => {
    expect(callLine(call, 80)).toBe(
      '11:52:14  inbound   answered    0:48   +9155*****4255  new      05047530422',
    );
  });

  it.each([40, 80, 200])('fits %s columns', (columns) => {
    expect(
      widthOf(callLine({ ...call, durationSeconds: 3599, news: 'changed' }, columns)),
    ).toBeLessThanOrEqual(columns);
  });

  it('stands for what is absent', () => {
    const unknown = {
      ...call,
      startAt: undefined,
      direction: undefined,
      status: undefined,
      durationSeconds: undefined,
      number: undefined,
      agent: undefined,
    };
    expect(callLine(unknown, 80)).toMatch(/^--:--:-- {2}- /);
  });

  it('masks a full number, and leaves a masked one and a short one', () => {
    expect(['+915550004255', '+9155*****4255', '1800', 'Extension-7'].map(maskNumber)).toEqual([
      '+915*****4255',
      '+9155*****4255',
      '1800',
      'Extension-7',
    ]);
  });

  it('groups what comes above ten a second', () => {
    const lines: string[] = [];
    const feed = new CallFeed((line) => lines.push(line), 80);
    for (let index = 0; index < CALLS_A_SECOND + 3; index += 1)
      feed.take({ ...call, news: index < 12 ? 'new' : 'changed' });
    feed.close();
    feed.close();
    feed.take(call);
    expect(lines).toHaveLength(CALLS_A_SECOND + 2);
    expect(lines[CALLS_A_SECOND]).toContain('and 3 more calls in this second: 2 new, 1 changed');
  });
});

describe('the status line', () => {
  it.each([40, 79, 200])('fits %s columns', (columns) => {
    expect(widthOf(statusLine(status, columns))).toBeLessThanOrEqual(columns);
  });

  it('adds up all that went wrong', () => {
    expect(statusLine(status, 80)).toContain('errors 3');
  });
});

describe('tables', () => {
  const path = '/a/very/long/path/that/must/never/be/cut/because/somebody/will/copy/it';

  it('aligns columns without borders where there is room', () => {
    expect(
      table(
        ['look', 'n'],
        [
          ['live', '4'],
          ['just-ended', '11'],
        ],
        80,
        [1],
      ),
    ).toBe('look         n\nlive         4\njust-ended  11');
  });

  it.each([20, 40, 59])('becomes key: value at %s columns, and nothing is cut', (columns) => {
    expect(table(['look', 'path'], [['live', path]], columns)).toBe(`look: live\npath: ${path}`);
    expect(facts([['path', path]], columns)).toBe(`path: ${path}`);
  });

  it('becomes key: value where a row is too wide', () => {
    expect(table(['look', 'path'], [['live', path]], 60)).toBe(`look: live\npath: ${path}`);
  });

  it('leaves out facts without a value', () => {
    expect(
      facts(
        [
          ['a', '1'],
          ['long', ''],
        ],
        80,
      ),
    ).toBe('a     1');
  });
});

describe('figures', () => {
  it('writes counts as India does', () => {
    expect([count(1234567), rate(0.5), rate(1234.5)]).toEqual(['12,34,567', '0.5', '1,235']);
  });

  it('says spans in two units at most', () => {
    expect([0, 59_400, 60_000, 200_000, 7_500_000, 90_000_000].map(span)).toEqual([
      '0 s',
      '59 s',
      '1 min',
      '3 min 20 s',
      '2 h 5 min',
      '1 d 1 h',
    ]);
    expect([0, 48, 3725].map(clockSpan)).toEqual(['0:00', '0:48', '62:05']);
  });
});

describe('sentences in a narrow place', () => {
  const ID = '663c6bc92b66f80b611f8f40';

  it.each([
    ['one two three', 7, '', 'one two\nthree'],
    ['fits as it  is', 14, '', 'fits as it  is'],
    ['one two three', 11, 'a: ', 'a: one two\n   three'],
    [`it is ${ID} there`, 12, '', `it is\n${ID}\nthere`],
    [ID, 12, 'id: ', `id: ${ID}`],
    [ID, 24, 'id: ', `id:\n${ID}`],
    ['first\nsecond line', 8, '', 'first\nsecond\nline'],
  ])('breaks %j at %i after %j', (text, columns, lead, wanted) => {
    expect(wrapped(text, columns, lead)).toBe(wanted);
  });

  it('a command with its flags can be typed as it stands', () => {
    const text = 'npx smartflo-cdr prove --day 2024-05-09 --data /d/calls finds it; then look again';
    expect(wrapped(text, 30).split('\n')[0]).toBe('npx smartflo-cdr prove --day 2024-05-09 --data /d/calls');
  });
});
