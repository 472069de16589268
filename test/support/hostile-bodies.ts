import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib';
import type { HostileBody, Verdict } from './hostile-body.ts';
import { ACCEPTED } from './hostile-records.ts';

type Row = readonly [name: string, body: string | Uint8Array, more?: Pick<HostileBody, 'status' | 'headers'>];

/** Rows of one kind and code. */
const rows = (verdict: Verdict, code: string, all: readonly Row[]): HostileBody[] =>
  all.map(([name, body, more]) => ({ name, body: Buffer.from(body), verdict, code, ...more }));

const RECORD = '{"id":"69afa9a80000000000000000","date":"2026-03-10","time":"11:00:00"}';
const PAGE = `{"count":1,"limit":100,"results":[${RECORD}]}`;
const HTML = '<!doctype html><html><body>Bad gateway</body></html>';
const withCount = (count: string): string => `{"count":${count},"limit":100,"results":[${RECORD}]}`;
const withResults = (results: string): string => `{"count":1,"limit":100,"results":${results}}`;
const withLimit = (limit: string, count: number): string =>
  `{"count":${count},"limit":${limit},"results":[${RECORD}]}`;
const answers = (status: number, headers: Readonly<Record<string, string>> = {}) => ({ status, headers });
const encoded = (encoding: string) => ({ headers: { 'content-encoding': encoding } });
const DEEP = 200_000;

const webPages = rows('transient', 'html-body', [
  ['a web page with 200', HTML],
  ['a web page behind a byte order mark', `\uFEFF\r\n ${HTML}`],
  ['an XML answer', '<?xml version="1.0"?><error/>'],
  ['a comment of a web page', '<!-- maintenance -->'],
  ['a warning of PHP before the page', `<br />\n<b>Warning</b>: Undefined index<br />\n${PAGE}`],
  ['a single angle bracket', '<'],
  ['text that calls itself a web page', 'Service unavailable', { headers: { 'content-type': 'text/html' } }],
  ['a web page with 403', HTML, answers(403)],
  ['a web page with 404', HTML, answers(404)],
  ['a web page with 502', HTML, answers(502)],
  ['a web page that is a proxy of a login', '<html><form action="/login">Log in</form></html>'],
]);

const cutOff = rows('transient', 'truncated', [
  ['nothing', ''],
  ['nothing with 204', '', answers(204)],
  ['white space', ' \r\n\t '],
  ['a byte order mark alone', '\uFEFF'],
  ['an open brace', '{'],
  ['half a name', '{"cou'],
  ['no results yet', '{"count":1,"results":['],
  ['a record cut in its text', PAGE.slice(0, 70)],
  ['a record cut in an escape', '{"count":1,"results":[{"id":"\\u00'],
  ['a record cut in a number', '{"count":1,"results":[{"n":-'],
  ['all but the last byte', PAGE.slice(0, -1)],
  ['gzip cut off', gzipSync(PAGE).subarray(0, 40), encoded('gzip')],
]);

const down = [
  ...rows('transient', 'source-down', [
    ['500 with a whole page', PAGE, answers(500)],
    ['502 with nothing', '', answers(502)],
    ['503 with JSON', '{"message":"maintenance"}', answers(503)],
    ['504 with JSON about the token', '{"success":false,"message":"token expired"}', answers(504)],
    ['529, which no list has', PAGE, answers(529)],
  ]),
  ...rows('transient', 'source-slow', [
    ['408', PAGE, answers(408)],
    ['425', PAGE, answers(425)],
  ]),
  ...rows('transient', 'compression-broken', [
    ['gzip that is none', PAGE, encoded('gzip')],
    ['deflate without its header', deflateRawSync(PAGE), encoded('deflate')],
    ['br that is none', Buffer.alloc(50, 0xff), encoded('br')],
  ]),
];

const notJson = [
  ...rows('incurable', 'json-not-object', [
    ['a list', '[]'],
    ['a list of records', `[${RECORD}]`],
    ['null', 'null'],
    ['a number', '406'],
    ['false', 'false'],
    ['the text "false"', '"false"'],
    ['a page as a text', JSON.stringify(PAGE)],
    ['OK', 'OK'],
    ['a guard before the page', `)]}',\n${PAGE}`],
    ['a call of a function', `callback(${PAGE})`],
    ['two byte order marks', `\uFEFF\uFEFF${PAGE}`],
    ['UTF-16, little end first', Buffer.from(`\uFEFF${PAGE}`, 'utf16le')],
    ['UTF-16, big end first', Buffer.from(`\uFEFF${PAGE}`, 'utf16le').swap16()],
    ['gzip that does not say so', gzipSync(PAGE)],
    ['zeros', Buffer.alloc(64)],
    ['base64', Buffer.from(PAGE).toString('base64')],
    ['form data', 'count=1&results[0][id]=x'],
  ]),
  ...rows('incurable', 'json-trailing-bytes', [
    ['two pages', PAGE + PAGE],
    ['a page and a web page', PAGE + HTML],
    ['a page and a zero', `${PAGE}\0`],
    ['a page and a comma', `${PAGE},`],
    ['a page and a byte order mark', `${PAGE}\uFEFF`],
  ]),
  ...rows('incurable', 'json-unexpected-byte', [
    ['single quotes', PAGE.replaceAll('"', "'")],
    ['names without quotes', '{count:1,results:[]}'],
    ['a comma too many', '{"count":1,"results":[],}'],
    ['a comma too many in the results', `{"count":1,"results":[${RECORD},]}`],
    ['a comma too few', `{"count":1 "results":[${RECORD}]}`],
    ['a comment', `{/* page */"count":1,"results":[${RECORD}]}`],
    ['NaN', withCount('NaN')],
    ['Infinity', withCount('Infinity')],
    ['undefined', withCount('undefined')],
    ['True', withCount('True')],
    ['a number with a plus', withCount('+1')],
    ['a number with a zero before it', withCount('01')],
    ['a hexadecimal number', withCount('0x1')],
    ['a number without its point’s digits', withCount('1.')],
    ['a bracket for a brace', `{"count":1,"results":[${RECORD}}}`],
    ['a no-break space', `{"count":\u00a01,"results":[${RECORD}]}`],
    ['a byte order mark in the middle', `{"count":1,\uFEFF"results":[${RECORD}]}`],
  ]),
  ...rows('incurable', 'json-control-character', [
    ['a line feed in a text', withResults('[{"id":"a\nb"}]')],
    ['a zero in a text', withResults('[{"id":"a\0b"}]')],
    ['a tab in a name', withResults('[{"i\td":"a"}]')],
  ]),
  ...rows('incurable', 'json-bad-escape', [
    ['an escape that is none', withResults('[{"id":"\\x41"}]')],
    ['half an escape', withResults('[{"id":"\\u00g1"}]')],
    ['an escape outside a text', '{\\u0022count":1}'],
  ]),
  ...rows('incurable', 'json-duplicate-member', [
    ['two counts', `{"count":1,"count":0,"results":[${RECORD}]}`],
    ['two counts, one with an escape', `{"count":1,"\\u0063ount":0,"results":[${RECORD}]}`],
    ['two results', `{"count":1,"results":[],"results":[${RECORD}]}`],
    ['two results, one null', `{"count":1,"results":[${RECORD}],"results":null}`],
    ['two successes', `{"success":true,"success":false,"count":1,"results":[${RECORD}]}`],
  ]),
  ...rows('incurable', 'json-too-many-members', [
    ['a thousand members', `{${Array.from({ length: 1000 }, (_, n) => `"m${n}":1`).join(',')}}`],
  ]),
];

const tooMuch = [
  ...rows('incurable', 'too-deep', [
    ['200,000 lists in a member', `{"count":1,"x":${'['.repeat(DEEP)}`],
    ['200,000 lists, each closed', `{"count":1,"x":${'['.repeat(DEEP)}${']'.repeat(DEEP)},"results":[]}`],
    [
      '200,000 objects in a record',
      withResults(`[{"id":"a","x":${'{"x":'.repeat(DEEP)}1${'}'.repeat(DEEP)}}]`),
    ],
    ['200,000 lists as the results', withResults('['.repeat(DEEP) + ']'.repeat(DEEP))],
    [
      '200,000 objects as the message',
      `{"success":false,"message":${'{"m":'.repeat(DEEP)}1${'}'.repeat(DEEP)}}`,
    ],
    ['65 containers', withResults(`[${'['.repeat(63)}${']'.repeat(63)}]`)],
  ]),
  ...rows('incurable', 'too-many-records', [
    ['10,001 records', `{"count":10001,"results":[${Array.from({ length: 10_001 }, () => '{}').join(',')}]}`],
  ]),
  ...rows('incurable', 'query-too-large', [
    ['413', '{"message":"too large"}', answers(413)],
    ['414', '', answers(414)],
  ]),
];

const noCount = rows(
  'incurable',
  'count-missing',
  [
    ['null', 'null'],
    ['true', 'true'],
    ['false', 'false'],
    ['a list', '[1]'],
    ['an object', '{"total":1}'],
    ['an empty text', '""'],
    ['a blank text', '" "'],
    ['a text that is no number', '"many"'],
    ['a text with a separator', '"1,000"'],
    ['a hexadecimal text', '"0x1"'],
    ['an exponential text', '"1e0"'],
    ['a text with a sign that few know', '"１"'],
    ['NaN as a text', '"NaN"'],
    ['Infinity as a text', '"Infinity"'],
    ['below zero', '-1'],
    ['below zero as a text', '"-1"'],
    ['a fraction', '1.5'],
    ['beyond all numbers', '1e400'],
    ['beyond whole numbers', '9007199254740993'],
    ['a text of 20,000 digits', `"${'1'.repeat(20_000)}"`],
  ].map(([name, count]): Row => [`a count that is ${name}`, withCount(count ?? '')]),
).concat(
  rows('incurable', 'count-missing', [
    ['no count', `{"results":[${RECORD}]}`],
    ['an empty object', '{}'],
  ]),
);

const noResults = [
  ...rows(
    'incurable',
    'results-missing',
    ['null', 'false', 'true', '0', '""', '"[]"', '{}', `{"0":${RECORD}}`].map(
      (results): Row => [`results that are ${results.slice(0, 6)}`, withResults(results)],
    ),
  ),
  ...rows('incurable', 'results-missing', [
    ['no results', '{"count":1}'],
    ['results under another name', `{"count":1,"Results":[${RECORD}]}`],
  ]),
  ...rows(
    'incurable',
    'result-strange',
    ['null', 'false', '0', '""', '[]', '"{}"', `[${RECORD}]`].map(
      (entry): Row => [`a record that is ${entry.slice(0, 6)}`, withResults(`[${RECORD},${entry}]`)],
    ),
  ),
];

const failedInWords = rows('incurable', 'failed-in-200', [
  ['success false', `{"success":false,"count":1,"results":[${RECORD}]}`],
  ['success "false"', `{"success":"false","count":1,"results":[${RECORD}]}`],
  ['success "False"', '{"success":"False"}'],
  ['success false, message null', '{"success":false,"message":null}'],
  ['success false, message a number', '{"success":false,"message":7}'],
  ['success false, message of 20,000 letters', `{"success":false,"message":"${'x'.repeat(20_000)}"}`],
  ['success false about a bound', '{"success":false,"message":{"to_date":["is no date"]}}'],
]);

const otherStatus = [
  ...rows('incurable', 'query-refused', [
    ['400', '{"message":"Bad request"}', answers(400)],
    ['404', '{"message":"Not found"}', answers(404)],
    ['418 with a page', PAGE, answers(418)],
  ]),
  ...rows('incurable', 'redirected', [
    ['302 with a page', PAGE, answers(302, { location: 'https://example.invalid/' })],
    ['307 to itself', '', answers(307, { location: '/v1/call/records' })],
    ['304', '', answers(304)],
  ]),
  ...rows(
    'incurable',
    'encoding-unknown',
    ['zstd', 'gzip, gzip', 'constructor', '__proto__', 'toString', ''].map(
      (encoding): Row => [`compressed with "${encoding}"`, PAGE, encoded(encoding || 'x-none')],
    ),
  ),
];

const unsettled = rows('unsettled', 'window-unsettled', [
  ['a count above what is shown', withCount('5')],
  ['a count below what is shown', withCount('0')],
  ['a count of minus zero', withCount('-0')],
  ['a count above what is shown, as a text', withCount('"7"')],
  ['a count beyond all budgets', withCount('9007199254740991')],
  ['a limit of zero, and one too few', withLimit('0', 2)],
  ['a limit below zero, and one too few', withLimit('-100', 2)],
  ['a limit beyond all numbers, and one too few', withLimit('1e308', 2)],
  ['a limit of a hair, and one too few', withLimit('1e-9', 2)],
  ['no records, and a count', withResults('[]')],
]);

const refused = [
  ...rows('refused', 'token-refused', [
    ['success false about the token', '{"success":false,"message":"Token has expired"}'],
    ['success "false" about the token', '{"success":"false","message":["Unauthenticated."]}'],
    ['success false about the token, in a map', '{"success":false,"message":{"token":["is invalid"]}}'],
    ['400 about the token', '{"success":false,"message":"jwt malformed"}', answers(400)],
  ]),
  ...rows('refused', 'unauthorised', [
    ['401', '{"message":"Unauthorized","success":false}', answers(401)],
    ['401 as a web page', HTML, answers(401)],
    ['401 with a page', PAGE, answers(401)],
  ]),
  ...rows('refused', 'forbidden', [['403', '{"message":"Forbidden"}', answers(403)]]),
  ...rows('refused', 'too-many-requests', [
    ['429', '{"success":"false","message":"Too many requests."}', answers(429)],
    ['429 as a web page', HTML, answers(429)],
    ['429 for a second', '', answers(429, { 'retry-after': '1' })],
    ['429 until a date', '', answers(429, { 'retry-after': 'Tue, 10 Mar 2026 05:32:00 GMT' })],
    ['429 for ever', '', answers(429, { 'retry-after': '9'.repeat(400) })],
    ['429 for a thousand years', '', answers(429, { 'retry-after': '31556952000' })],
    ['429 until a date far away', '', answers(429, { 'retry-after': 'Fri, 31 Dec 9999 23:59:59 GMT' })],
    ['429 until a date that is none', '', answers(429, { 'retry-after': 'soon' })],
    ['429 until a date gone by', '', answers(429, { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' })],
    ['success false and a wait', '{"success":false,"retry_after":"2026-03-10 11:02:30"}'],
    ['success false and a wait for ever', '{"success":false,"retry_after":1e300}'],
    ['success false and a wait until 9999', '{"success":false,"retry_after":"9999-12-31 23:59:59"}'],
    ['success false and a wait that is none', '{"success":false,"retry_after":{"at":[]}}'],
    ['success false and a wait below zero', '{"success":false,"retry_after":-5}'],
    ['success false and the rate in words', '{"success":false,"message":"Rate limit exceeded"}'],
  ]),
];

/** Every answer that a source, or what stands before it, may give to one request, with what must come of it. */
export const HOSTILE_BODIES: readonly HostileBody[] = [
  ...webPages,
  ...cutOff,
  ...down,
  ...notJson,
  ...tooMuch,
  ...noCount,
  ...noResults,
  ...failedInWords,
  ...otherStatus,
  ...unsettled,
  ...refused,
  ...ACCEPTED,
  ...rows('incurable', 'json-not-object', [['br that does not say so', brotliCompressSync(PAGE)]]),
];
