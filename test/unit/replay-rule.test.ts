import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createConsumers } from '../../cli/place/consumers.ts';
import { Failure } from '../../cli/failure.ts';

const ARN = 'arn:aws:sqs:ap-south-1:111122223333:crm';
const NAMES = {
  bucket: 'archive',
  ledgerTable: 'ledger',
  indexTable: 'calls',
  queueUrl: 'http://127.0.0.1/111122223333/own',
  eventBus: 'calls-bus',
};

/** What SQS and EventBridge answer, by the operation's name; `undefined` is "there is none". */
const consumersOver = async (
  answers: Record<string, (body: Record<string, unknown>) => object | undefined>,
) => {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
      const answer = answers[operation]?.(JSON.parse(Buffer.concat(chunks).toString('utf8')));
      const missing =
        operation === 'GetQueueUrl' ? 'com.amazonaws.sqs#QueueDoesNotExist' : 'ResourceNotFoundException';
      response.writeHead(answer ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(answer ?? { __type: missing, message: 'none' }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const settings = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'ap-south-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  };
  return createConsumers(
    { sqs: new SQSClient(settings), events: new EventBridgeClient(settings) },
    NAMES,
    'stack',
  );
};

const own = {
  GetQueueAttributes: () => ({
    Attributes: {
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: 'arn:aws:sqs:ap-south-1:1:own-dead' }),
    },
  }),
  GetQueueUrl: ({ QueueName }: Record<string, unknown>) =>
    QueueName === 'crm' ? { QueueUrl: 'http://127.0.0.1/111122223333/crm' } : undefined,
};
const rule = (targets: object[]) => ({
  ...own,
  DescribeRule: () => ({ Name: 'crm-rule', EventPattern: '{"source":["smartflo-cdr"]}' }),
  ListTargetsByRule: () => ({ Targets: targets }),
});

test('a rule is served through the queues that are its targets, and its pattern is asked about each event', async () => {
  const asked: unknown[] = [];
  const consumers = await consumersOver({
    ...rule([{ Id: 'crm', Arn: ARN }]),
    TestEventPattern: (body) => {
      asked.push(body);
      return { Result: body['Event'] === 'wanted' };
    },
  });
  const found = await consumers.find('crm-rule');
  expect(found).toMatchObject({
    via: 'rule',
    sender: { account: '111122223333', region: 'ap-south-1' },
    queues: [{ url: 'http://127.0.0.1/111122223333/crm' }],
  });
  expect(await found.passes('wanted')).toBe(true);
  expect(await found.passes('other')).toBe(false);
  expect(asked).toHaveLength(2);
});

test.each([
  ['another target than a queue', [{ Id: 'fn', Arn: 'arn:aws:lambda:ap-south-1:1:function:f' }]],
  ['events reshaped', [{ Id: 'crm', Arn: ARN, InputPath: '$.detail' }]],
  ['no target', []],
])('a rule is refused for %s', async (_, targets) => {
  const consumers = await consumersOver(rule(targets));
  const failure = await consumers.find('crm-rule').catch((thrown: unknown) => thrown);
  expect(failure).toBeInstanceOf(Failure);
  expect(failure).toMatchObject({ code: 'replay-target-unfit', exit: 2 });
});

test('what is neither queue nor rule is named as such', async () => {
  const consumers = await consumersOver(own);
  await expect(consumers.find('nobody')).rejects.toMatchObject({ code: 'replay-target-unknown' });
});
