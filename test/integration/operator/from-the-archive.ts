import { type AttributeValue, type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { CallEvent } from '../../../shared/contract/call-event.ts';
import { DAY, type OperatorWorld } from '../../support/operator-world.ts';
import { atEveryWidth } from '../../support/widths.ts';

const AT_REST = 240_000;

/** Everything that waits in a queue, taken out. */
const emptied = async (sqs: SQSClient, QueueUrl: string): Promise<string[]> => {
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) return bodies;
    bodies.push(...Messages.map(({ Body = '' }) => Body));
    await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
      }),
    );
  }
};

/** What reads the archive and leaves it and the index as they were: replay, rebuild, lateness. */
export const fromTheArchive = (world: () => OperatorWorld): void => {
  const place = () => ['--data', world().data];

  describe('replay', () => {
    test(
      'sends the newest revision of every call to the one queue, under the dedupe keys of the index',
      async () => {
        const QueueUrl = await world().atRest(async ({ clients }) => {
          const made = await clients.sqs.send(new CreateQueueCommand({ QueueName: 'crm-calls' }));
          return made.QueueUrl ?? '';
        });
        const counted = await world().json(['replay', '--day', DAY, '--to', 'crm-calls', '--dry-run']);
        expect(counted).toMatchObject({
          exit: 0,
          document: { schema: 'replay/1', dryRun: true, sent: 0, unindexed: 0, to: { via: 'queue' } },
        });
        const calls = (await world().json(['calls', '--day', DAY, '--limit', '5000'])).document.calls;
        expect(counted.document.passed).toBe(calls.length);

        const sent = await world().json(['replay', '--day', DAY, '--to', 'crm-calls', '--rate', '5000']);
        expect(sent).toMatchObject({ exit: 0, document: { sent: calls.length } });
        await world().atRest(async ({ clients, names }) => {
          const bodies = (await emptied(clients.sqs, QueueUrl)).map((body) => JSON.parse(body));
          for (const body of bodies) CallEvent.parse(body);
          const keyOf = (call: { account: string; key: string; madeBy: string }) =>
            `${call.account}/${call.key}/${call.madeBy}`;
          expect(bodies).toHaveLength(calls.length);
          expect(new Set(bodies.map(({ detail }) => detail.dedupeKey))).toEqual(new Set(calls.map(keyOf)));
          expect(new Set(bodies.map(({ detail }) => detail.origin))).toEqual(new Set(['replay']));
          // Only the one consumer: the system's own queue got nothing.
          expect(await emptied(clients.sqs, names.queueUrl)).toEqual([]);
        });
      },
      AT_REST,
    );

    test('sends what --where asks for, and no more', async () => {
      const calls = (await world().json(['calls', '--day', DAY, '--limit', '5000'])).document.calls;
      const inbound = calls.filter(
        ({ summary }: { summary: { direction?: string } }) => summary.direction === 'inbound',
      ).length;
      expect(inbound).toBeGreaterThan(0);
      expect(inbound).toBeLessThan(calls.length);
      const only = ['--where', 'direction=inbound', '--rate', '5000'];
      const { document } = await world().json(['replay', '--day', DAY, '--to', 'crm-calls', ...only]);
      expect(document).toMatchObject({ matched: inbound, sent: inbound });
      const none = await world().json(['replay', '--day', DAY, '--to', 'crm-calls', '--where', 'colour=red']);
      expect(none).toMatchObject({ exit: 2, document: { code: 'usage' } });
    });

    test('keeps its rate', async () => {
      const began = performance.now();
      const missed = ['--where', 'status=missed', '--where', 'direction=inbound'];
      const { document } = await world().json([
        'replay',
        '--day',
        DAY,
        '--to',
        'crm-calls',
        '--rate',
        '100',
        ...missed,
      ]);
      expect(document.sent).toBeGreaterThan(10);
      // The last batch of ten goes when all before it are due.
      expect(performance.now() - began).toBeGreaterThan((document.sent - 10) * 10);
    });

    test('says what it can not replay to, and what is not there', async () => {
      const unknown = await world().json(['replay', '--day', DAY, '--to', 'some-rule']);
      expect(unknown).toMatchObject({ exit: 2, document: { code: 'replay-target-unknown' } });
      expect(unknown.document.wanted).toContain('keeps no rules');
      const own = await world().atRest(async ({ names }) =>
        names.queueUrl.slice(names.queueUrl.lastIndexOf('/') + 1),
      );
      const refused = await world().json(['replay', '--day', DAY, '--to', own]);
      expect(refused).toMatchObject({ exit: 2, document: { code: 'replay-target-unfit' } });
      const empty = await world().json(['replay', '--day', '2024-05-02', '--to', 'crm-calls']);
      expect(empty).toMatchObject({ exit: 3, document: { records: 0, sent: 0 } });
    });
  });

  describe('rebuild', () => {
    const itemsOf = async (client: DynamoDBClient, TableName: string) => {
      const items = new Map<string, Record<string, AttributeValue>>();
      for await (const { Items = [] } of paginateScan({ client }, { TableName }))
        for (const item of Items) items.set(`${item['pk']?.S} ${item['sk']?.S}`, item);
      return items;
    };
    /** Two consumers worked at once: one message may have overtaken another. */
    const inAnyOrder = (items: Map<string, Record<string, AttributeValue>>) =>
      new Map([...items].map(([key, { madeBy: _by, changed: _what, ...item }]) => [key, item]));

    test(
      'shows a plan, and does it once the table is named again: the same items as in the live index',
      async () => {
        const into = ['rebuild', '--into', 'calls-again'];
        expect(await world().json(into)).toMatchObject({
          exit: 2,
          document: { code: 'rebuild-table-unfit' },
        });
        const plan = await world().json([...into, '--create']);
        expect(plan).toMatchObject({
          exit: 0,
          document: { schema: 'rebuild/1', done: false, table: 'absent', accounts: [{ account: 'main' }] },
        });
        expect(plan.document.accounts[0].objects).toBeGreaterThan(0);
        const other = await world().json([...into, '--create', '--confirm', 'something-else']);
        expect(other).toMatchObject({ exit: 7, document: { code: 'not-confirmed' } });

        const done = await world().json([...into, '--create', '--confirm', 'calls-again']);
        expect(done).toMatchObject({ exit: 0, document: { done: true, accounts: [{ refused: 0 }] } });
        await world().atRest(async ({ clients, names }) => {
          const live = await itemsOf(clients.dynamo, names.indexTable);
          expect(live.size).toBeGreaterThan(200);
          expect(inAnyOrder(await itemsOf(clients.dynamo, 'calls-again'))).toEqual(inAnyOrder(live));
          // The system's queue and bus heard nothing of it.
          expect(await emptied(clients.sqs, names.queueUrl)).toEqual([]);
        });
        expect(await world().json([...into, '--create'])).toMatchObject({ exit: 2 });
        expect(await world().json([...into, '--confirm', 'calls-again'])).toMatchObject({
          exit: 0,
          document: { accounts: [{ written: 0 }] },
        });
      },
      AT_REST,
    );

    test('never fills the live index', async () => {
      const live = await world().atRest(async ({ names }) => names.indexTable);
      const refused = await world().json(['rebuild', '--into', live, '--confirm', live]);
      expect(refused).toMatchObject({ exit: 2, document: { code: 'rebuild-table-unfit' } });
      expect(refused.document.came).toContain('the system itself writes');
    });
  });

  describe('lateness', () => {
    test('measures the days that are there, and recommends nothing from too little', async () => {
      const { exit, document } = await world().json(['lateness', '--from', DAY, '--to', DAY]);
      expect({ exit, document }).toMatchObject({
        exit: 0,
        document: { schema: 'lateness/1', from: DAY, to: DAY },
      });
      const [account] = document.accounts;
      expect(account).toMatchObject({ account: 'main', untold: 0 });
      expect(account.calls).toBeGreaterThan(200);
      // The fake stores a call two to three seconds after its end; it was fetched years later.
      expect(account.secondsAfterEnd.inserted.p50).toBeGreaterThanOrEqual(1);
      expect(account.secondsAfterEnd.inserted.p50).toBeLessThanOrEqual(4);
      expect(account.fetchedLater).toBe(account.calls);
      expect(account.looks.probes.configured).toContainEqual({ ageMinutes: 20, blockMinutes: 15 });
      expect(account.looks.probes.recommended).toBeNull();
      expect(await world().json(['lateness', '--from', '2024-05-02', '--to', '2024-05-03'])).toMatchObject({
        exit: 3,
      });
      for (const { stdout, stderr } of await atEveryWidth([
        'lateness',
        '--from',
        DAY,
        '--to',
        DAY,
        ...place(),
      ])) {
        expect(stderr).toContain(`next: npx smartflo-cdr lateness --from ${DAY} --to ${DAY} --json`);
        const words = stdout.replaceAll(/\s+/g, ' ');
        expect(words).toContain('stored by the source');
        expect(words).toContain('as configured: fewer than 100 calls were late');
      }
    });
  });
};
