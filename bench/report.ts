import type { Taken } from './stages.ts';
import type { RequestCounts } from './request-count.ts';
import type { Growth } from './scale.ts';
import type { Figures, Verdict } from './targets.ts';
import { perThousand } from './request-count.ts';
import type { Stage } from './throughput.ts';

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const row = (name: string, value: string): string => `  ${name.padEnd(44)} ${value}`;
const calls = (counts: RequestCounts): string =>
  Object.entries(counts)
    .map(([operation, count]) => `${operation} ${count}`)
    .join(', ');
const memory = ({ peakMemoryMb, heapMb }: Pick<Taken, 'peakMemoryMb' | 'heapMb'>): string =>
  `${peakMemoryMb} MB held at most, heap ${heapMb} MB`;

const stage = (name: string, { perCore, cpuMicros, ...rest }: Stage): string[] => [
  row(name, `${whole(perCore)} records/s/core, ${cpuMicros.toFixed(0)} µs of CPU a record`),
  row('', `${memory(rest)}; AWS a 1,000: ${calls(rest.calls)}`),
];

const endToEnd = ({ endToEnd: found }: Figures): string[] => {
  if (!found) return [];
  const { records, wallMs, poller, consumer } = found;
  const perCore = (1_000 * records) / (poller.cpuMs + consumer.cpuMs);
  return [
    'fake API → archive, index, bus (one process a function, embedded AWS, pages of 100)',
    row('records, read back in all three', whole(records)),
    row('records/s', `${whole((1_000 * records) / wallMs)} (the embedded AWS is what limits it)`),
    row('records/s/core of the functions', whole(perCore)),
    row('requests to the source a 1,000', ((1_000 * found.requests) / records).toFixed(1)),
    row('AWS requests a 1,000', calls(perThousand(found.calls, records))),
    row('poller', memory(poller)),
    row('consumer', memory(consumer)),
    row('record as it came, bytes', whole(found.lineBytes / records)),
    row(
      'archive, bytes a record',
      `${whole(found.archiveBytes / records)} (${whole(records / found.archiveObjects)} records an object)`,
    ),
    row('index entry, bytes', `${whole(found.indexMeanBytes)} mean, ${whole(found.indexMaxBytes)} most`),
  ];
};

const throughput = ({ throughput: found }: Figures): string[] => {
  if (!found) return [];
  const shell =
    found.shellPerCore === undefined
      ? `not measured: ${found.shellAbsent.join(', ')} not on this machine`
      : `${whole(found.shellPerCore)} records/s/core`;
  return [
    `stages alone (AWS that answers at once, pages of ${found.pageLimit}, ${whole(found.records)} records, medians)`,
    ...stage('poller', found.poller),
    ...stage('consumer up to the archive', found.archiver),
    row('ingest: API → archive, both together', `${whole(found.ingestPerCore)} records/s/core`),
    row('curl | jq -c .results[] | gzip', shell),
    ...stage('consumer', found.consumer),
    ...stage('one-by-one consumer', found.oneByOne),
    row('requests to the source a 1,000', found.requestsPerThousand.toFixed(1)),
    row(
      'archive at full packs, bytes a record',
      `${whole(found.archiveBytesPerRecord)} (${whole(found.recordsPerObject)} records an object)`,
    ),
  ];
};

const others = ({ live, loads, pollingRates, slowSource, growth }: Figures): string[] => [
  ...(live
    ? [
        'live at 20 calls a minute (virtual time)',
        row(
          'archive, bytes a record',
          `${whole(live.bytesPerRecord)} (${live.recordsPerPack.toFixed(1)} records an object)`,
        ),
      ]
    : []),
  ...(loads ? ['loading (medians of new processes, turn by turn)'] : []),
  ...(loads ?? []).map(({ name, bundleKb, bareKb, own, bare }) =>
    row(
      name,
      `${whole(bundleKb)} KB, load ${own.loadMs.toFixed(0)} ms, init ${own.initMs.toFixed(0)} ms; bare clients ${whole(bareKb)} KB, ${bare.loadMs.toFixed(0)} ms, ${bare.initMs.toFixed(0)} ms`,
    ),
  ),
  ...(pollingRates
    ? ['requests a minute to the source (virtual time, 1 tick in 20 lost, 2 % up to 25 min late)']
    : []),
  ...(pollingRates ?? []).map(({ callsPerMinute, measured, planned, records, missing }) =>
    row(
      `${callsPerMinute} calls a minute`,
      `${measured.toFixed(1)} measured + ${planned.toFixed(1)} for looks older than the run, by the plan; ${whole(records)} records, ${missing} missed`,
    ),
  ),
  ...(slowSource ? ['slow source (250 ms an answer, pages of 100): one tick that can not fetch all'] : []),
  ...(slowSource ?? []).map((found) =>
    row(
      `${found.concurrency} in flight`,
      `${whole(found.recordsPerSecond)} records/s of ${whole(found.limit)}: ${found.requests} requests in ${found.seconds.toFixed(1)} s, ${percent(found.unfilled)} of what they could bring was not there or not new, ${percent(found.idle)} of the time nothing was asked; ${whole(found.peakMemoryMb)} MB held at most`,
    ),
  ),
  ...(growth ? ['growth (pages of 100)'] : []),
  ...Object.entries(growth ?? {}).flatMap(([name, sizes]: [string, Growth['poller']]) =>
    sizes.map((size) =>
      row(`${name}, ${whole(size.records)} records`, `${whole(size.cpuMs)} ms of CPU, ${memory(size)}`),
    ),
  ),
];

/** The figures as lines for people. */
const questions = ({ questions: found }: Figures): string[] => {
  if (!found) return [];
  const { records, compactionSeconds, bytes, columns } = found;
  const largest = Object.entries(columns).slice(0, 12);
  const side = ({ seconds, files, bytes }: { seconds: number; files: number; bytes: number }) =>
    `${seconds.toFixed(2)} s, ${bytes.toFixed(1)} bytes a record of ${files} ${files === 1 ? 'file' : 'files'}`;
  return [
    `one day of ${whole(records)} calls, asked by DuckDB`,
    row(
      'bytes a record, raw packs and curated file',
      `${bytes.raw.toFixed(0)} and ${bytes.curated.toFixed(0)}`,
    ),
    row('curated, records/s', whole(records / compactionSeconds)),
    row('bytes that four columns take', bytes.fourColumns.toFixed(2)),
    row('largest columns', largest.map(([name, size]) => `${name} ${size.toFixed(1)}`).join(', ')),
    ...found.questions.map(({ name, raw, curated }) =>
      row(name, `raw ${side(raw)}, curated ${side(curated)}`),
    ),
  ];
};

export const linesOf = (figures: Figures): string[] =>
  [endToEnd(figures), throughput(figures), others(figures), questions(figures)].flat();

export const verdictLines = (verdicts: readonly Verdict[]): string[] => [
  'targets (docs/performance.md)',
  ...verdicts.map(({ target, wanted, found, met }) =>
    row(target, `${met ? 'met   ' : 'MISSED'} ${found} (wanted ${wanted})`),
  ),
];
