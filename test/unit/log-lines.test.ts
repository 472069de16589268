import { afterEach, expect, test, vi } from 'vitest';
import { createPowertoolsTelemetry } from '../../shared/adapters/powertools-telemetry.ts';
import { LOG_FACTS } from '../../shared/contract/log-facts.ts';

/** What Powertools adds by itself. */
const POWERTOOLS = ['level', 'message', 'timestamp', 'service', 'sampling_rate', 'xray_trace_id'];

const lines: string[] = [];
const written = (facts: object): Record<string, unknown> => {
  // Powertools has a console of its own, on the process's stdout.
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  createPowertoolsTelemetry('poller').telemetry.log('info', 'tick ended', facts);
  vi.restoreAllMocks();
  return JSON.parse(lines.at(-1) ?? '{}');
};
afterEach(() => void lines.splice(0));

test('a log line is JSON, with the facts that are listed and no other', () => {
  const line = written({
    account: 'main',
    records: 3,
    reason: undefined,
    client_number: '9'.padEnd(10, '0'),
    recording_url: 'https://recordings.example/?token=x',
    error: new Error('what the source said'),
  });
  expect(line).toMatchObject({ level: 'INFO', message: 'tick ended', account: 'main', records: 3 });
  const known = new Set<string>([...POWERTOOLS, ...LOG_FACTS]);
  expect(Object.keys(line).filter((name) => !known.has(name))).toEqual([]);
  expect(JSON.stringify(line)).not.toMatch(/90000|recordings|source said/);
});

test('names of facts leave no room for what is personal', () => {
  expect(
    LOG_FACTS.filter((name) => /number|name|phone|caller|agent|url|token|body|text|secret/i.test(name)),
  ).toEqual([]);
});
