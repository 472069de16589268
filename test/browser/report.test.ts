import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ArchiveFolder } from '../support/archive-folder.ts';
import { openBrowser } from '../support/browser.ts';
import { dayOfCalls, makeReport } from '../support/report-page.ts';

const DAY = '2026-03-10';
/** Where the screenshots of the last run lie; `npm ci` clears it. */
const SHOTS = 'node_modules/.cache/smartflo-cdr/screenshots';
/** A4 at 96 dots an inch, less the margins that the page asks for. */
const A4 = { width: 696, height: 1_016 };

const folder = new ArchiveFolder();
let browser: Browser;
let file: string;

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  folder.add(dayOfCalls(DAY), { at: '2026-03-10 20:00:00' });
  ({ file } = await makeReport(folder, { day: DAY, at: '2026-03-11 08:00:00' }));
  browser = await openBrowser();
});
afterAll(() => browser?.close());

/** The page as it is shown, with everything that it asked for and complained of. */
const show = async (viewport: { width: number; height: number }) => {
  const page = await browser.newPage({ viewport });
  const asked: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(pathToFileURL(file).href);
  return { page, asked, complaints };
};

test('it is shown without a complaint, and asks nobody for anything', async () => {
  const { page, asked, complaints } = await show({ width: 900, height: 1_200 });
  await page.screenshot({ path: `${SHOTS}/report.png`, fullPage: true });
  expect(complaints).toEqual([]);
  expect(asked).toEqual([pathToFileURL(file).href]);
  await page.close();
});

test('the browser would tell: a page that asks for a picture elsewhere is caught', async () => {
  const server = createServer((_, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const page = await browser.newPage();
  const asked: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  await page.setContent(
    `<script>console.error('made up')</script><img src="http://127.0.0.1:${port}/x.png">`,
  );
  await page.close();
  server.close();
  expect(asked).toContain(`http://127.0.0.1:${port}/x.png`);
  expect(complaints).toEqual(['made up']);
});

test('the bars are as long as the counts say, and no label lies on another', async () => {
  const { page } = await show({ width: 900, height: 1_200 });
  const chart = page.locator('svg[aria-label="Calls by hour, answered and missed"]');
  const bars = await chart
    .locator('g[aria-label="bar"] rect')
    .evaluateAll((all) =>
      all.map((bar) => ({ x: Number(bar.getAttribute('x')), height: Number(bar.getAttribute('height')) })),
    );
  const counts = await page
    .locator('table[aria-label="Calls by hour"] tbody tr')
    .evaluateAll((rows) =>
      rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent ?? '')),
    );
  const heights = new Map<number, number>();
  for (const { x, height } of bars) heights.set(x, (heights.get(x) ?? 0) + height);
  const drawn = [...heights].sort(([a], [b]) => a - b).map(([, height]) => height);
  const asked = counts.map(([, calls = '']) => Number(calls));
  const pixels = Math.max(...drawn) / Math.max(...asked);
  expect(asked).toHaveLength(24);
  for (const [hour, calls] of asked.entries()) expect(drawn[hour]).toBeCloseTo(calls * pixels, 0);

  for (const label of await page.locator('svg').evaluateAll((charts) =>
    charts.flatMap((one) => {
      const groups = [...one.querySelectorAll('g[aria-label$="tick label"], g[aria-label="text"]')];
      return groups.flatMap((group) => {
        const boxes = [...group.querySelectorAll('text')].map((text) => text.getBoundingClientRect());
        return boxes.flatMap((box, at) =>
          boxes
            .slice(at + 1)
            .filter(
              (other) =>
                box.left < other.right - 1 &&
                other.left < box.right - 1 &&
                box.top < other.bottom - 3 &&
                other.top < box.bottom - 3,
            )
            .map(() => `${one.getAttribute('aria-label')}: ${group.getAttribute('aria-label')}`),
        );
      });
    }),
  ))
    expect(label).toBe('no label on another');
  await page.close();
});

test.each([
  ['a phone', { width: 360, height: 740 }],
  ['A4', A4],
])('nothing is wider than %s', async (_, viewport) => {
  const { page } = await show(viewport);
  if (viewport === A4) await page.emulateMedia({ media: 'print' });
  await page.screenshot({ path: `${SHOTS}/report-${viewport.width}.png` });
  const width = await page.locator('html').evaluate((html) => html.scrollWidth);
  expect(width).toBeLessThanOrEqual(viewport.width);
  await page.close();
});
