import { statSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import type { DayFacts } from '../../cli/report/facts.ts';
import { reportPage } from '../../cli/report/page.ts';
import { ArchiveFolder } from '../support/archive-folder.ts';
import { dayOfCalls, makeReport, tablesOf, tilesOf } from '../support/report-page.ts';
import { recordOf } from '../support/small-call.ts';

const DAY = '2026-03-10';
const LATER = '2026-03-11 08:00:00';
const folder = new ArchiveFolder();
let html: string;
let file: string;

beforeAll(async () => {
  const calls = dayOfCalls(DAY);
  folder.add(calls.slice(0, 200), { at: '2026-03-10 20:00:00' });
  folder.add(calls.slice(200), { at: '2026-03-11 02:00:00' });
  folder.add([{ ...calls[1], notes: 'called back' }], { at: '2026-03-11 03:00:00' });
  ({ html, file } = await makeReport(folder, { day: DAY, at: LATER }));
});

/** In an order of their own, to be compared. */
const sorted = (rows: readonly (readonly string[])[] = []): string[] =>
  rows.map((row) => row.join(' | ')).sort();

const rowsOf = async (sql: string): Promise<string[][]> =>
  (await folder.ask(sql)).map((row) =>
    Object.values(row).map((value) => JSON.stringify(value).replaceAll('"', '')),
  );

test('every figure is what SQL says', async () => {
  const tables = tablesOf(html);
  const of = `FROM calls WHERE dt = '${DAY}'`;
  const [[calls, answered, missed] = []] = await rowsOf(
    `SELECT count(*), count(*) FILTER (status = 'answered'), count(*) FILTER (status = 'missed') ${of}`,
  );
  expect(tilesOf(html)).toMatchObject({ calls, answered, missed, 'changed afterwards': '1' });
  const hours = await rowsOf(
    `SELECT strftime(start_ist, '%H:00'), count(*), count(*) FILTER (status = 'answered'), count(*) FILTER (status = 'missed') ${of} GROUP BY 1`,
  );
  expect(tables['Calls by hour']).toHaveLength(24);
  expect(sorted(tables['Calls by hour']?.filter(([, count]) => count !== '0'))).toEqual(sorted(hours));
  const dids = await rowsOf(
    `SELECT right(did, 4), count(*), count(*) FILTER (status = 'missed') ${of} GROUP BY 1`,
  );
  const shown = tables['Your numbers']?.map(([did = '', ...counts]) => [did.slice(-4), ...counts]);
  expect(sorted(shown)).toEqual(sorted(dids));
  const circles = await rowsOf(
    `SELECT circle, count(*), count(*) FILTER (status = 'missed') ${of} GROUP BY 1`,
  );
  expect(sorted(tables['Telecom circles'])).toEqual(sorted(circles));
  const agents = await rowsOf(
    `SELECT max(agent_name), count(*), count(*) FILTER (answered) FROM agent_legs WHERE dt = '${DAY}' GROUP BY agent_id`,
  );
  expect(sorted(tables['Agents']?.map((row) => row.slice(0, 3)))).toEqual(sorted(agents));
  const [[half] = []] = await rowsOf(`SELECT quantile_disc(wait_seconds, 0.5) ${of} AND status = 'answered'`);
  expect(tilesOf(html)['half waited at most']).toBe(`${half} s`);
  const sum = (name: string) => tables[name]?.reduce((all, row) => all + Number(row[1]), 0);
  expect(sum('How long customers waited')).toBe(Number(answered));
  expect(sum('How long they talked')).toBe(Number(answered));
  expect(tables['Late and changed calls']).toEqual([
    ['archived within 30 min of their end', expect.any(String)],
    ['archived later', expect.any(String)],
    ['stored late by the source itself', '0'],
    ['changes seen after the first sight', '1'],
    ['changed: record', '1'],
  ]);
});

test('one file: no script, nothing from elsewhere, a table under each chart, its owner’s alone', () => {
  expect(html).not.toMatch(/<script|<link(?! rel="icon" href="data:,")|@import|url\(|<img|<iframe/i);
  expect(html.match(/(?:src|href)="(?!data:)[^"]*"/g)).toBeNull();
  expect(html.match(/https?:\/\/(?!www\.w3\.org)/g)).toBeNull();
  const charts = html.match(/<figure>/g) ?? [];
  expect(charts.length).toBeGreaterThanOrEqual(8);
  expect(html.match(/<\/figure>\s*<table/g)).toHaveLength(charts.length);
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('numbers are hidden unless asked for', async () => {
  expect(html).not.toMatch(/9000\d{6}|8000\d{6}/);
  const full = await makeReport(folder, { day: DAY, at: LATER, full: true });
  expect(full.html).toContain('+918000000000');
  expect(full.html).toMatch(/\+919000\d{6}/);
  expect(full.html).toContain('Numbers are whole');
});

test('counts are grouped as India groups them', () => {
  const facts: DayFacts = {
    day: DAY,
    accounts: ['main'],
    'calls-per-day': [{ calls: 1_234_567, answered: 1_100_000, missed: 134_567, answered_percent: 89.1 }],
    'calls-per-hour': [{ hour_ist: 9, calls: 1_234_567, answered: 1_100_000, missed: 134_567 }],
    'answered-and-missed': [],
    'wait-and-talk-distribution': [],
    'wait-and-talk-percentiles': [],
    'sla-by-queue': [],
    'agent-day-sheet': [],
    'did-and-circle-mix': [],
    'missed-never-called-back': [],
    'late-arrivals': [],
    'changed-after-the-fact': [],
  };
  const page = reportPage(facts, { full: false, simulated: false, madeAt: Date.parse(LATER) });
  expect(tilesOf(page)).toMatchObject({ calls: '12,34,567', answered: '11,00,000', missed: '1,34,567' });
});

test('what a record says is text, never markup', async () => {
  const hostile = new ArchiveFolder();
  const call = recordOf({ id: 'x', at: `${DAY} 10:00:00`, wait: 3, queue: '<script>alert(1)</script>' });
  const told = { circle: { circle: '"><img src=x onerror=alert(1)>' }, service: '&lt;b&gt;\u0007</svg>' };
  hostile.add([{ ...call, ...told }], { at: `${DAY} 10:05:00` });
  const page = (await makeReport(hostile, { day: DAY, at: LATER })).html;
  expect(page).not.toMatch(/<script|<img|<b>/);
  expect(page).not.toContain('\u0007');
  expect(tablesOf(page)['Queues']?.[0]?.[0]).toBe('<script>alert(1)</script>');
  expect(tablesOf(page)['Answered and missed']?.[0]?.[1]).toBe('&lt;b&gt;\ufffd</svg>');
});

test('a day without calls, and one that is not over, say so', async () => {
  const empty = await makeReport(folder, { day: '2026-03-12', at: LATER });
  expect(empty.html).toContain('No calls');
  expect(tilesOf(empty.html)).toMatchObject({ calls: '0', 'half waited at most': 'none' });
  expect(empty.html).toContain('The day has not begun.');
  const running = await makeReport(folder, { day: DAY, at: `${DAY} 18:00:00` });
  expect(running.html).toContain('The day is not over');
  expect(html).not.toContain('The day is not over');
});
