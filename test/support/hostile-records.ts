import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { ExpectedRecord, HostileBody } from './hostile-body.ts';

const DATE = '2026-03-10';
const UNKNOWN = 'unknown';
const ID = '69afa8580000000000000001';
const OTHER = '69afa858ffffffffffffffff';
/** Where an id names nothing: the record goes by its content. */
const BY_CONTENT = /^~[0-9a-f]{32}$/;
/** Where an id is a name that no key should hold. */
const BY_DIGEST = /^~id[0-9a-f]{32}$/;

const latin1 = (text: string | Uint8Array): string => Buffer.from(text).toString('latin1');
const PLAIN = `{"id":"${OTHER}","date":"${DATE}","time":"11:00:00"}`;
const PLAIN_EXPECTED: ExpectedRecord = { raw: PLAIN, key: OTHER, dt: DATE };
/** The tokens of an ordinary record, but for these. */
const record = (more: string, { id = `"${ID}"`, date = `"${DATE}"`, time = '"11:00:00"' } = {}): string =>
  `{"id":${id},"date":${date},"time":${time}${more}}`;

type More = Pick<HostileBody, 'status' | 'headers'>;

/** A page with one odd record, and an ordinary one that it must not hold up. */
const pageOf = (
  name: string,
  odd: string | Uint8Array,
  key: string | RegExp = ID,
  dt = DATE,
): HostileBody => ({
  name,
  body: Buffer.concat([
    Buffer.from('{"count":2,"limit":100,"results":['),
    Buffer.from(odd),
    Buffer.from(`,${PLAIN}]}`),
  ]),
  verdict: 'accepted',
  records: [{ raw: latin1(odd), key, dt }, PLAIN_EXPECTED],
});

/** A page with the ordinary record, in an odd envelope. */
const envelope = (name: string, body: string | Uint8Array, more: More = {}): HostileBody => ({
  name,
  body: Buffer.from(body),
  verdict: 'accepted',
  records: [PLAIN_EXPECTED],
  ...more,
});

const PAGE = `{"count":1,"limit":100,"results":[${PLAIN}]}`;
const limited = (limit: string): string => `{"count":1,"limit":${limit},"results":[${PLAIN}]}`;
const counted = (count: string): string => `{"count":${count},"results":[${PLAIN}]}`;
const withMember = (member: string): string => `{${member},"count":1,"results":[${PLAIN}]}`;
const encoded = (encoding: string): More => ({ headers: { 'content-encoding': encoding } });
const typed = (type: string): More => ({ headers: { 'content-type': type } });

const envelopes: readonly HostileBody[] = [
  envelope('a byte order mark', `\uFEFF${PAGE}`),
  envelope('white space everywhere', `\r\n\t ${PAGE.replaceAll(/([{}[\],:])(?!\d\d)/g, '\t$1\r\n ')} \n`),
  envelope('a count as a text', counted('"1"')),
  envelope('a count as a text with blanks', counted('" 1 "')),
  envelope('a count as a text with a zero before it', counted('"01"')),
  envelope('a count with a fraction of nothing', counted('1.0')),
  envelope('a count in an exponent', counted('10e-1')),
  ...['null', '"100"', '"many"', '0', '-1', '1e308', '1e400', '{}', '[]', 'false', '0.5'].map((limit) =>
    envelope(`a limit that is ${limit}`, limited(limit)),
  ),
  ...['true', '"true"', 'null', '1', '0', '""', '"no"', '{}', '[]'].map((success) =>
    envelope(`success ${success}`, withMember(`"success":${success}`)),
  ),
  envelope('a message that frightens', withMember('"message":"Token expired. Too many requests."')),
  envelope('a member called __proto__', withMember('"__proto__":{"count":9,"success":false}')),
  envelope('a member called constructor', withMember('"constructor":{"prototype":{"count":9}}')),
  envelope('a member without a name', withMember('"":false')),
  envelope('members with other letters', withMember('"Count":9,"SUCCESS":false,"cOuNt":"x"')),
  envelope('a member of a megabyte', withMember(`"note":"${'x'.repeat(1 << 20)}"`)),
  envelope('a member 60 deep', withMember(`"x":${'['.repeat(60)}${']'.repeat(60)}`)),
  envelope('a page and a size that lie', withMember('"page":-3,"size":"9e9"')),
  envelope('a name with an escape', PAGE.replace('"count"', '"c\\u006funt"')),
  envelope('201', PAGE, { status: 201 }),
  envelope('206', PAGE, { status: 206 }),
  envelope('299', PAGE, { status: 299 }),
  envelope('no type', PAGE, typed('')),
  envelope('a type that is plain text', PAGE, typed('text/plain')),
  envelope('a type that is a web page', PAGE, typed('text/html; charset=UTF-8')),
  envelope('another charset', PAGE, typed('application/json; charset=utf-16')),
  envelope('gzip', gzipSync(PAGE), encoded('gzip')),
  envelope('gzip in capitals', gzipSync(PAGE), encoded(' GZIP ')),
  envelope('deflate', deflateSync(PAGE), encoded('deflate')),
  envelope('br', brotliCompressSync(PAGE), encoded('br')),
  envelope('identity', PAGE, encoded('identity')),
  envelope(
    'gzip in two members',
    Buffer.concat([PAGE.slice(0, 20), PAGE.slice(20)].map((part) => gzipSync(part))),
    encoded('gzip'),
  ),
];

/** The tokens of an id, and the name that comes of it. */
const ids: readonly (readonly [token: string, key: string | RegExp])[] = [
  ['"../../x"', BY_DIGEST],
  ['"..\\/..\\/x"', BY_DIGEST],
  ['".."', BY_DIGEST],
  ['"."', BY_DIGEST],
  ['"/"', BY_DIGEST],
  ['"\\\\"', BY_DIGEST],
  ['"a/b"', BY_DIGEST],
  ['"a#b"', BY_DIGEST],
  ['"main#call"', BY_DIGEST],
  ['"raw/account=main/dt=2026-03-10/x.ndjson.gz"', BY_DIGEST],
  ['"%2e%2e%2f"', BY_DIGEST],
  ['" "', BY_DIGEST],
  ['" N.A."', BY_DIGEST],
  ['"a\\nb"', BY_DIGEST],
  ['"a\\u0000b"', BY_DIGEST],
  ['"\\ud800"', BY_DIGEST],
  ['"\\udc00\\ud800"', BY_DIGEST],
  ['"\\ud83d\\ude00"', BY_DIGEST],
  ['"\u{1f600}"', BY_DIGEST],
  ['"\u202etxt.exe"', BY_DIGEST],
  ['"~0123456789abcdef0123456789abcdef"', BY_DIGEST],
  ['"~id0123456789abcdef0123456789abcdef"', BY_DIGEST],
  ['"<script>alert(1)</script>"', BY_DIGEST],
  ['"\'; DROP TABLE calls; --"', BY_DIGEST],
  ['"${jndi:ldap://x}"', BY_DIGEST],
  [`"${'a'.repeat(129)}"`, BY_DIGEST],
  [`"${'a'.repeat(1 << 20)}"`, BY_DIGEST],
  [`"${'a'.repeat(128)}"`, 'a'.repeat(128)],
  ['"..."', '...'],
  ['"__proto__"', '__proto__'],
  ['"constructor"', 'constructor'],
  ['"hasOwnProperty"', 'hasOwnProperty'],
  ['"\\u0061bc"', 'abc'],
  ['"0"', '0'],
  ['"null"', 'null'],
  ['7', '7'],
  ['-0', '-0'],
  ['1e400', '1e400'],
  ['12345678901234567890123', '12345678901234567890123'],
  ['null', BY_CONTENT],
  ['""', BY_CONTENT],
  ['"N.A."', BY_CONTENT],
  ['true', BY_CONTENT],
  ['[]', BY_CONTENT],
  ['["a"]', BY_CONTENT],
  ['{}', BY_CONTENT],
  ['{"$oid":"69afa9a80000000000000000"}', BY_CONTENT],
];

/** The tokens of a date, and the partition that comes of it. */
const dates: readonly (readonly [token: string, dt: string])[] = [
  ['"../../x"', UNKNOWN],
  ['"2026-03-10/../../x"', UNKNOWN],
  ['"2026-03-10\\u0000"', UNKNOWN],
  ['"2026-03-10\\n"', UNKNOWN],
  ['" 2026-03-10"', UNKNOWN],
  ['"2026-02-30"', UNKNOWN],
  ['"2026-13-01"', UNKNOWN],
  ['"0000-00-00"', UNKNOWN],
  ['"2026-3-10"', UNKNOWN],
  ['"10-03-2026"', UNKNOWN],
  ['"+02026-03-10"', UNKNOWN],
  ['"２０２６-03-10"', UNKNOWN],
  ['"unknown"', UNKNOWN],
  ['"__proto__"', UNKNOWN],
  ['"N.A."', UNKNOWN],
  ['""', UNKNOWN],
  ['null', UNKNOWN],
  ['20260310', UNKNOWN],
  ['1e400', UNKNOWN],
  ['true', UNKNOWN],
  ['[]', UNKNOWN],
  ['["2026-03-10"]', UNKNOWN],
  ['{"toString":"2026-03-10"}', UNKNOWN],
  ['"2026-03-09"', '2026-03-09'],
  ['"1970-01-01"', '1970-01-01'],
  ['"9999-12-31"', '9999-12-31'],
  ['"0000-01-01"', UNKNOWN],
];

const MEGABYTE = 'x'.repeat(1 << 20);
const AGENT = (id: string): string => `{"type":"Agent","dialst":"Answered","id":${id}}`;

/** What stands behind the ordinary members of a record. */
const members: readonly (readonly [name: string, more: string | Uint8Array])[] = [
  ['a member called __proto__', ',"__proto__":{"id":"x","date":"../../x"}'],
  ['members called as methods are', ',"toString":1,"hasOwnProperty":null,"constructor":[],"valueOf":{}'],
  ['a member twice', ',"status":"missed","status":"answered"'],
  ['a member twice, one in an escape', ',"status":"missed","st\\u0061tus":"answered"'],
  ['its id twice, the same', `,"id":"${ID}"`],
  ['a name that is empty', ',"":"","":""'],
  ['a name with a lone surrogate', ',"\\ud800":"\\udfff"'],
  ['5,000 members', `,${Array.from({ length: 5_000 }, (_, n) => `"m${n}":${n}`).join(',')}`],
  ['numbers that parsing would change', ',"n":[12345678901234567890,1.0e+2,-0,1e-400,1e400,0.10]'],
  ['escapes that parsing would forget', ',"u":"\\u0041\\/\\u2028\\ud83d\\ude00"'],
  ['lone surrogates in every text', ',"status":"\\ud800","call_id":"\\udc00x","client_number":"\\ud8001"'],
  ['bytes that are no UTF-8', Buffer.from([...Buffer.from(',"status":"'), 0xff, 0xc3, 0x28, 0x22])],
  ['a byte order mark in a text', ',"status":"\uFEFFanswered"'],
  ['line separators in a text', ',"notes":"a\u2028b\u2029c\u0085d"'],
  ['zeros in every text', ',"status":"\\u0000","uuid":"\\u0000","client_number":"+91\\u00009"'],
  ['55 lists', `,"x":${'['.repeat(55)}${']'.repeat(55)}`],
  ['a note of a megabyte', `,"notes":"${MEGABYTE}"`],
  ['a status of a megabyte', `,"status":"${MEGABYTE}","call_id":"${MEGABYTE}","did_number":"${MEGABYTE}"`],
  ['a recording of many tokens', `,"recording_url":"${'?token=&token=\\u0026token='.repeat(20_000)}"`],
  ['a recording that is an object', ',"recording_url":{"token":["?token=x"]}'],
  ['lists where values should be', ',"status":[],"direction":[],"client_number":[],"call_duration":[]'],
  ['objects where values should be', ',"status":{},"call_id":{},"client_number":{},"answered_seconds":{}'],
  ['truths where values should be', ',"status":true,"call_id":false,"did_number":true,"uuid":false'],
  [
    'numbers where texts should be',
    ',"status":1,"direction":-0,"call_id":1e400,"client_number":919000000001',
  ],
  ['texts where numbers should be', ',"call_duration":"ten","answered_seconds":"1e400"'],
  ['numbers below zero', ',"call_duration":-1,"answered_seconds":-1e400'],
  ['numbers beyond all', ',"call_duration":1e308,"answered_seconds":1e400'],
  ['an end that is none', ',"end_stamp":"../../x"'],
  ['an end before its start', ',"end_stamp":"1970-01-01 00:00:00"'],
  ['an end long after its start', ',"end_stamp":"9999-12-31 23:59:59"'],
  ['an end in the year 0', ',"end_stamp":"0000-01-01 00:00:00"'],
  ['an end in the year 1', ',"end_stamp":"0001-01-01 00:00:00"'],
  ['an end that is an object', ',"end_stamp":{}'],
  ['a flow that is a text', ',"call_flow":"Agent"'],
  ['a flow that is null', ',"call_flow":null'],
  ['a flow with holes', `,"call_flow":{"0":null,"7":1,"9":${AGENT('"a"')}}`],
  ['a flow of anything', `,"call_flow":[null,1,"x",[],{},[[]],${AGENT('{}')},${AGENT('[]')},${AGENT('""')}]`],
  [
    'agents called as no key may be',
    `,"call_flow":[${AGENT('"a#b"')},${AGENT('"../../x"')},${AGENT('"\\ud800"')}]`,
  ],
  ['10,000 agents', `,"call_flow":[${Array.from({ length: 10_000 }, (_, n) => AGENT(`${n}`)).join(',')}]`],
  ['dialer details that are a list', ',"dialer_call_details":[]'],
  ['dialer details that are a text', ',"dialer_call_details":"N.A."'],
  ['destinations that are anything', ',"destination":{},"destination_2":null,"destination__proto__":"1"'],
  [
    'a customer that is no number',
    ',"direction":"inbound","client_number":"anonymous","caller_id_num":"<sip:x>"',
  ],
];

const short = (token: string): string =>
  token.length > 60 ? `${token.slice(0, 20)}… of ${token.length} signs` : token;

const oddTimes = [
  '"xx"',
  'null',
  '"25:00:00"',
  '"24:00:00"',
  '"11:00"',
  '110000',
  '[]',
  '"11:00:00.5"',
  '"-1:00:00"',
];

/** Bodies that are a page, however odd. */
export const ACCEPTED: readonly HostileBody[] = [
  ...envelopes,
  ...ids.map(([id, key]) => pageOf(`an id that is ${short(id)}`, record('', { id }), key)),
  pageOf('an id that is given twice with two values', record(',"id":"b"'), BY_CONTENT),
  pageOf('an id that is missing', `{"date":"${DATE}","time":"11:00:00"}`, BY_CONTENT),
  ...dates.map(([date, dt]) => pageOf(`a date that is ${date}`, record('', { date }), ID, dt)),
  pageOf('a date that is missing', `{"id":"${ID}","time":"11:00:00"}`, ID, UNKNOWN),
  ...oddTimes.map((time) => pageOf(`a time that is ${time}`, record('', { time }))),
  ...members.map(([name, more]) =>
    pageOf(
      `a record with ${name}`,
      Buffer.concat([Buffer.from(record('').slice(0, -1)), Buffer.from(more), Buffer.from('}')]),
    ),
  ),
  pageOf('an empty record', '{}', BY_CONTENT, UNKNOWN),
  {
    name: 'one record twice',
    body: Buffer.from(`{"count":2,"results":[${PLAIN},${PLAIN}]}`),
    verdict: 'accepted',
    records: [PLAIN_EXPECTED],
  },
  {
    name: 'two records under one id',
    body: Buffer.from(`{"count":2,"results":[${record(',"leg":1')},${record(',"leg":2')}]}`),
    verdict: 'accepted',
    records: [1, 2].map((leg) => ({ raw: record(`,"leg":${leg}`), key: BY_CONTENT, dt: DATE })),
  },
];
