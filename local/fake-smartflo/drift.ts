import { type Fields, TOKEN_MARK } from './call-record.ts';
import type { DriftKnobs } from './knobs.ts';
import { chance, hexDigits, mix, pick } from './random.ts';
import { SALT } from './salt.ts';

/** Text between these marks is written into the JSON as it stands: number spellings that JavaScript can't hold. */
const verbatim = (text: string): string => `~raw:${text}~`;
const VERBATIM = /"~raw:([^"~]*)~"/g;

/** An id as a reader sees it: a string's text, or a number in its own spelling. */
export const plainId = (id: unknown): string => String(id).replace(/^~raw:(.*)~$/, '$1');

/** Keys without which a record can't be placed: only the identity and date knobs touch them. */
const KEPT = new Set([
  'id',
  'date',
  'time',
  'end_stamp',
  'call_id',
  'status',
  'call_duration',
  'recording_url',
]);

const someKey = (fields: Fields, seed: number): string => {
  const keys = Object.keys(fields).filter((key) => !KEPT.has(key));
  return keys[pick(seed, 0, keys.length)] ?? 'notes';
};

const asEmptyObject = (fields: Fields, key: string): void => {
  fields[key] = [];
};

const oneOf = (seed: number, values: readonly unknown[]): unknown => values[pick(seed, 0, values.length)];

/** Every shape under "Fields" of smartflo-api.md, each with its own chance. `seed` is the shape's own. */
const SHAPES: Record<string, (fields: Fields, seed: number) => void> = {
  absent: (fields, seed) => {
    delete fields[someKey(fields, seed)];
    delete fields[someKey(fields, mix(seed, 1))];
  },
  nulled: (fields, seed) => {
    fields[someKey(fields, seed)] = null;
  },
  blank: (fields, seed) => {
    fields[someKey(fields, seed)] = '';
  },
  notApplicable: (fields, seed) => {
    fields[someKey(fields, seed)] = 'N.A.';
  },
  emptyObject: (fields, seed) =>
    asEmptyObject(fields, String(oneOf(seed, ['contact_details', 'circle', 'dialer_call_details', 'notes']))),
  numbersAsStrings: (fields) => {
    for (const key of ['call_duration', 'answered_seconds', 'minutes_consumed', 'charges']) {
      if (typeof fields[key] === 'number') fields[key] = String(fields[key]);
    }
  },
  newKeys: (fields, seed) => {
    const number = fields['client_number'];
    Object.assign(fields, {
      sid: `made-up-${seed % 1_000}`,
      sname: 'made-up skill',
      is_whatsapp: false,
      lead_data: { source: 'made-up' },
      call_tags: ['made-up'],
      ref_id: String(seed),
      custom_identifier: null,
      extension_c2c: '',
      total_call_duration: fields['call_duration'],
      from_number: fields['did_number'],
      destination: number,
      a_key_nobody_knows: { 'sp ace': [[], {}, null] },
    });
  },
  accountKey: (fields) => {
    fields['account_id'] = fields['accountid'];
    delete fields['accountid'];
  },
  circle: (fields, seed) => {
    fields['circle'] = oneOf(seed, [{ operator: null, circle: null }, null, []]);
  },
  notes: (fields, seed) => {
    const note = fields['notes'];
    const text = note === null || note === undefined ? '' : JSON.stringify(note);
    fields['notes'] = oneOf(seed, [text, { text }, { 0: text, by: null }]);
  },
  agentHangup: (fields, seed) => {
    const list = fields['agent_hangup_data'];
    fields['agent_hangup_data'] = oneOf(seed, [null, Array.isArray(list) ? list[0] : null, []]);
  },
  missedAgents: (fields, seed) => {
    fields['missed_agents'] = { 0: { id: `00000000${seed % 1_000}`, name: 'Agent 99' } };
  },
  ringTime: (fields, seed) => {
    fields['agent_ring_time'] = oneOf(seed, ['7', null, 'N.A.']);
  },
  charges: (fields, seed) => {
    fields['charges'] = oneOf(seed, [null, 0.75, verbatim('1.50'), verbatim('1e2')]);
  },
  flowTimes: (fields, seed) => {
    const flow = fields['call_flow'];
    if (!Array.isArray(flow)) return;
    fields['call_flow'] = flow.map((step: { time: number }) => ({
      ...step,
      time: oneOf(seed, [Math.floor(step.time), String(step.time)]),
    }));
  },
  clickToCall: (fields) => {
    if (fields['service'] !== 'Click to Call') return;
    fields['destination'] = fields['client_number'];
    delete fields['client_number'];
    delete fields['did_number'];
  },
  spellings: (fields) => {
    fields['billing_ref'] = verbatim('12345678901234567890');
    fields['score'] = verbatim('-0.0');
    fields['weight'] = verbatim('1e400');
    fields['odd_text'] = '\u0000\u2028\ud800 \ud83d\ude00 "\\/ <b>';
  },
  dtmf: (fields) => {
    fields['dtmf_input'] = '4321';
  },
  doubled: (fields) => {
    // Turned into a second `hangup_cause` after writing: an object can't hold a key twice.
    fields['hangup_cause~again'] = 'Normal clearing';
  },
  phpSlashes: (fields) => {
    fields['~php'] = true;
  },
};

export type DriftShape = keyof typeof SHAPES;
export const DRIFT_SHAPES: readonly string[] = Object.keys(SHAPES);

const hostileDates: readonly ((fields: Fields) => void)[] = [
  (fields) => {
    delete fields['date'];
  },
  (fields) => {
    fields['time'] = null;
  },
  (fields) => {
    fields['date'] = 'N.A.';
    fields['end_stamp'] = '';
  },
  (fields) => {
    fields['date'] = '0000-00-00';
    fields['time'] = '00:00:00';
    fields['end_stamp'] = '0000-00-00 00:00:00';
  },
  (fields) => {
    fields['end_stamp'] = '2026-02-30 25:61:00';
  },
  (fields) => {
    fields['date'] = { year: 2026 };
  },
  (fields) => {
    fields['date'] = '../../2026';
  },
];

/** Ids that break code which takes an id for a harmless name. `ref` keeps them distinct. */
export const hostileId = (seed: number, ref: string): unknown => {
  const kinds = [
    verbatim(`9007199254740993${BigInt(`0x${ref}`)}`),
    `${ref}-${ref}-${ref}-`.repeat(20),
    `../../${ref}/..\\"'\n#?%2e`,
    `__proto__${ref}`,
    `${hexDigits(seed, 1, 8)}-${ref.slice(0, 4)}-4${ref.slice(4, 7)}-8${ref.slice(7, 10)}-${ref.slice(4, 16)}`,
    `आईडी${ref}\u{1f600}`,
    ` ${ref} `,
  ];
  return kinds[pick(seed, 0, kinds.length)];
};

/** Changes `fields` as the record's seed and the knobs want it; the same at every revision. */
export const driftFields = (fields: Fields, seed: number, knobs: DriftKnobs): void => {
  const own = mix(seed, SALT.drift);
  if (chance(seed, SALT.huge, knobs.hugeShare)) fields['notes'] = 'x'.repeat(knobs.hugeBytes);
  if (knobs.share > 0) {
    for (const [place, shape] of Object.values(SHAPES).entries()) {
      if (chance(own, place, knobs.share)) shape(fields, mix(own, 100 + place));
    }
  }
  if (chance(seed, SALT.hostileDate, knobs.hostileDateShare)) {
    hostileDates[pick(own, 99, hostileDates.length)]?.(fields);
  }
};

const escapeNonAscii = (text: string): string =>
  text.replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

/**
 * Writes the record as the source sends it, minified, as bytes (one char, 0 to 255, a byte).
 * @returns the text before and after the recording's token; one part where there is none
 */
export const writeFields = (fields: Fields): readonly string[] => {
  const php = fields['~php'] === true;
  if (php) delete fields['~php'];
  let text = JSON.stringify(fields).replace('"hangup_cause~again"', '"hangup_cause"');
  if (text.includes('~raw:')) text = text.replace(VERBATIM, '$1');
  // PHP's json_encode escapes slashes and all that is not ASCII unless told otherwise.
  if (php) text = escapeNonAscii(text).replaceAll('/', '\\/');
  // oxlint-disable-next-line no-control-regex
  if (/[^\x00-\x7f]/.test(text)) text = Buffer.from(text, 'utf8').toString('latin1');
  return text.split(TOKEN_MARK);
};
