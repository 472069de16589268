import { expect, test } from 'vitest';
import officialPage from '../fixtures/official-page.json' with { type: 'json' };
import { CompactedArchive } from '../support/compacted.ts';

const [official] = officialPage.results;
if (!official) throw new Error('the official page has a record');

/** 10 March 2026, 10:00:00 in India. */
const START = 1_773_117_000;
const agent = (id: unknown, dialst: string, second: number, more: object = {}) => ({
  type: 'Agent',
  id,
  name: `Name of ${String(id)}`,
  num: `Extension-${String(id)}`,
  dialst,
  time: START + second,
  ...more,
});
const step = (type: string, id: unknown, second: number) => ({ type, id, time: START + second });

type Leg = readonly [
  agent: string | null,
  answered: boolean,
  dialled: string | null,
  pickedUp: string | null,
  ended: string | null,
  rang: number | null,
  talked: number | null,
];

/** Flows of every shape that the source is known to send, and the legs and steps that a person reads out of them. */
const FLOWS: Record<string, [flow: unknown, legs: readonly Leg[], steps: readonly string[]]> = {
  'one agent rings in vain, the next one answers': [
    [
      agent('a1', 'Dialed', 5),
      agent('a1', 'Missed', 25),
      agent('a2', 'Dialed', 26),
      agent('a2', 'Answered', 30.9),
      step('Agent-Hangup', 'a2', 90),
      step('Hangup', undefined, 90),
    ],
    [
      ['a1', false, '10:00:05', null, null, null, null],
      ['a2', true, '10:00:26', '10:00:30.9', '10:01:30', 4, 59],
    ],
    ['Agent Dialed', 'Agent Missed', 'Agent Dialed', 'Agent Answered', 'Agent-Hangup', 'Hangup'],
  ],
  'a transfer ends the leg of who gave the call on': [
    [
      agent('a1', 'Dialed', 0),
      agent('a1', 'Answered', 10),
      step('Transfer', 'a1', 60),
      agent('a2', 'Dialed', 61),
      agent('a2', 'Answered', 65),
      step('Agent-Hangup', 'a2', 100),
    ],
    [
      ['a1', true, '10:00:00', '10:00:10', '10:01:00', 10, 50],
      ['a2', true, '10:01:01', '10:01:05', '10:01:40', 4, 35],
    ],
    ['Agent Dialed', 'Agent Answered', 'Transfer', 'Agent Dialed', 'Agent Answered', 'Agent-Hangup'],
  ],
  'with holes, as PHP writes it, and times as strings': [
    {
      2: agent('a1', 'Dialed', 0, { time: `${START}.25` }),
      5: agent('a1', 'Answered', 0, { time: String(START + 8) }),
    },
    [['a1', true, '10:00:00.25', '10:00:08', null, 7, null]],
    ['Agent Dialed', 'Agent Answered'],
  ],
  'times that are none': [
    [agent('a1', 'Dialed', 0, { time: 'N.A.' }), agent('a1', 'Answered', 0, { time: null })],
    [['a1', true, null, null, null, null, null]],
    ['Agent Dialed', 'Agent Answered'],
  ],
  'an id that is a number, and one that is not there': [
    [agent(7, 'Dialed', 0), { type: 'Agent', dialst: 'Dialed', time: START + 1 }],
    [
      ['7', false, '10:00:00', null, null, null, null],
      [null, false, '10:00:01', null, null, null, null],
    ],
    ['Agent Dialed', 'Agent Dialed'],
  ],
  'a queue tells its status under another name': [
    [{ type: 'Inbound Queue', id: '1', name: 'sales', dept_dialst: 'Missed', time: START }],
    [],
    ['Inbound Queue Missed'],
  ],
  'entries that are none': [[null, 7, 'x', []], [], ['', '', '', '']],
  'an empty one': [[], [], []],
  'none at all': [null, [], []],
  'a text in its place': ['N.A.', [], []],
};

const clock = (stamp: unknown) => (typeof stamp === 'string' ? stamp.slice('2026-03-10 '.length) : null);

test.each(['raw', 'curated'] as const)(
  'every shape of a flow gives the legs and the steps that a person would write down, from %s days',
  async (side) => {
    const archive = new CompactedArchive();
    const flows = Object.entries(FLOWS);
    const keyOf = (at: number) => `flow-${at}`;
    archive.folder.add(
      flows.map(([, [call_flow]], at) => ({
        ...official,
        id: keyOf(at),
        call_flow,
        date: '2026-03-10',
        time: '10:00:00',
      })),
    );
    await archive.run('2026-03-14 02:00:00');
    const options = side === 'raw' ? ({ curated: 'none' } as const) : undefined;
    const inIndia = (column: string) => `${column} + INTERVAL '330' MINUTE AS ${column}`;
    const legs = await archive.ask(
      `SELECT * REPLACE (${['dialled_at', 'answered_at', 'ended_at'].map(inIndia).join(', ')})
      FROM agent_legs ORDER BY dialled_at, agent_id`,
      options,
    );
    const steps = await archive.ask('SELECT * FROM call_events ORDER BY position', options);
    for (const [at, [name, [, expectedLegs, expectedSteps]]] of flows.entries()) {
      expect(
        legs
          .filter((leg) => leg['key'] === keyOf(at))
          .map((leg) => [
            leg['agent_id'],
            leg['answered'],
            clock(leg['dialled_at']),
            clock(leg['answered_at']),
            clock(leg['ended_at']),
            leg['ring_seconds'],
            leg['talk_seconds'],
          ]),
        name,
      ).toEqual(expectedLegs);
      const ofFlow = steps.filter((one) => one['key'] === keyOf(at));
      expect(
        ofFlow.map(({ type, dial_status }) =>
          [type, dial_status].flatMap((text) => (typeof text === 'string' ? text : [])).join(' '),
        ),
        name,
      ).toEqual(expectedSteps);
      expect(ofFlow.map(({ position }) => position)).toEqual(expectedSteps.map((_, place) => place + 1));
    }
  },
);
