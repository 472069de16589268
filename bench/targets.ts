import type { DayFigures } from './questions.ts';
import type { EndToEnd } from './end-to-end.ts';
import type { Load } from './loading.ts';
import type { PollingRate } from './polling-rates.ts';
import { type Growth, growthOf, type SlowSource } from './scale.ts';
import type { Throughput } from './throughput.ts';

/** What loading one function takes beside its bare SDK clients. */
export interface FunctionLoad {
  readonly name: string;
  readonly bundleKb: number;
  readonly bareKb: number;
  readonly own: Load;
  readonly bare: Load;
}

export interface LivePacks {
  readonly bytesPerRecord: number;
  readonly recordsPerPack: number;
}

/** All that a run measured; what was not asked for is absent. */
export interface Figures {
  readonly endToEnd?: EndToEnd;
  readonly throughput?: Throughput;
  readonly live?: LivePacks;
  readonly loads?: readonly FunctionLoad[];
  readonly pollingRates?: readonly PollingRate[];
  readonly questions?: DayFigures;
  readonly slowSource?: readonly SlowSource[];
  readonly growth?: Growth;
  /** Of each function in MB, as its template has it. */
  readonly memoryMb: Readonly<Record<string, number>>;
}

/** One target of the project, held against what was measured. */
export interface Verdict {
  readonly target: string;
  readonly wanted: string;
  readonly found: string;
  readonly met: boolean;
}

/** KB of a minified bundle, and load against the bare clients. */
const BUNDLE_KB = 540;
const LOAD_RATIO = 1.1;
/** Parts of a second do not show in the requests of an hour. */
const ROUNDING = 0.05;

const times = (value: number): string => `${value.toFixed(2)} ×`;

const ingest = ({ throughput, slowSource = [] }: Figures): Verdict[] => [
  ...(throughput?.ingestToShell === undefined
    ? []
    : [
        {
          target: '2 ingest against curl | jq | gzip, records/s/core',
          wanted: '≥ 2 ×',
          found: times(throughput.ingestToShell),
          met: throughput.ingestToShell >= 2,
        },
      ]),
  ...slowSource.map(({ concurrency, share }) => ({
    target: `2 slow source, ${concurrency} in flight, of C × limit / P`,
    wanted: '≥ 90 %',
    found: `${(100 * share).toFixed(1)} %`,
    met: share >= 0.9,
  })),
];

const consumer = ({ throughput }: Figures): Verdict[] =>
  throughput === undefined
    ? []
    : [
        {
          target: '3 consumer against one by one, records/s/core',
          wanted: '≥ 2.2 ×',
          found: times(throughput.consumerToOneByOne),
          met: throughput.consumerToOneByOne >= 2.2,
        },
        {
          target: '4 archive at full packs, bytes a record',
          wanted: '≤ 330',
          found: throughput.archiveBytesPerRecord.toFixed(0),
          met: throughput.archiveBytesPerRecord <= 330,
        },
      ];

const loading = ({ loads = [] }: Figures): Verdict[] =>
  loads.flatMap(({ name, bundleKb, own, bare }) => [
    {
      target: `5 bundle of the ${name}, KB`,
      wanted: `≤ ${BUNDLE_KB}`,
      found: bundleKb.toFixed(0),
      met: bundleKb <= BUNDLE_KB,
    },
    {
      target: `5 load of the ${name} against its bare clients`,
      wanted: `≤ ${LOAD_RATIO} ×`,
      found: times(own.loadMs / bare.loadMs),
      met: own.loadMs / bare.loadMs <= LOAD_RATIO,
    },
  ]);

const growing = ({ growth, memoryMb }: Figures): Verdict[] =>
  growth === undefined
    ? []
    : Object.entries(growth).flatMap(([name, sizes]: [string, Growth['poller']]) => {
        const { time, memory } = growthOf(sizes);
        const most = sizes.reduce((peak, { peakMemoryMb }) => Math.max(peak, peakMemoryMb), 0);
        return [
          {
            target: `7 ${name}: time of ten times the records`,
            wanted: '≤ 10.5 ×',
            found: times(time),
            met: time <= 10.5,
          },
          {
            target: `7 ${name}: peak memory (the function has ${memoryMb[name]} MB)`,
            wanted: '≤ 256 MB, + 10 %',
            found: `${most} MB, ${memory >= 1 ? '+' : '−'} ${Math.abs(100 * (memory - 1)).toFixed(0)} %`,
            met: most <= 256 && memory <= 1.1,
          },
        ];
      });

const polling = ({ pollingRates = [] }: Figures): Verdict[] =>
  pollingRates.map(({ callsPerMinute, requestsPerMinute, target, missing }) => ({
    target: `8 requests a minute at ${callsPerMinute} calls a minute`,
    wanted: `≤ ${target}, nothing missed`,
    found: `${requestsPerMinute.toFixed(1)}, ${missing} missed`,
    met: requestsPerMinute <= target + ROUNDING && missing === 0,
  }));

const asking = ({ questions }: Figures): Verdict[] =>
  questions === undefined
    ? []
    : [
        { target: '4 curated, bytes a record', limit: 230, found: questions.bytes.curated },
        {
          target: '4 curated, bytes that an aggregate of four columns reads',
          limit: 3,
          found: questions.bytes.fourColumns,
        },
      ].map(({ target, limit, found }) => ({
        target,
        wanted: `≤ ${limit}`,
        found: found.toFixed(1),
        met: found <= limit,
      }));

/** The targets of docs/performance.md that these figures can be held against. */
export const judgeFigures = (figures: Figures): Verdict[] =>
  [ingest, consumer, loading, growing, polling, asking].flatMap((judge) => judge(figures));
