import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { clientsOf } from '../../local/embedded/clients.ts';
import { startEventSource } from '../../local/event-source.ts';
import { type FolderAws, openFolderAws } from '../../local/folder-aws.ts';
import { type FunctionHost, startFunctionHost } from '../../local/function-host.ts';
import type { ProvisionedFunction } from '../../local/provision.ts';

/** A data folder's system, found as a deployed one is: through CloudFormation, Lambda and Scheduler. */
export interface DeployedStack {
  readonly folder: FolderAws;
  /** The poller's schedules as they are; a test may switch them off. */
  state: 'ENABLED' | 'DISABLED';
  /** The accounts' secrets have a value. */
  filled: boolean;
  /** Why Lambda and CloudFormation let nobody in, where they do not. */
  refusal: string | undefined;
  /** The poller is run again and again, and what it sends is consumed, until the work is done. */
  ticking<T>(work: Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

/** Whom the rule `crm-rule` serves. */
const RULE_QUEUE = 'crm-calls';

/** As CloudFormation names what it makes: stack, logical id, and something of its own. */
const physicalName = (stack: string, { logicalId }: ProvisionedFunction): string =>
  `${stack}-pipeline-${logicalId}-1A2B3C`;

const xml = (name: string, content: string): string =>
  `<${name}Response xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><${name}Result>${content}</${name}Result></${name}Response>`;

/**
 * The control plane of AWS, as far as the commands ask it, before the embedded AWS of a folder; this process's
 * environment leads every client there until `close`.
 */
export const openDeployedStack = async (data: string, prefix: string): Promise<DeployedStack> => {
  const folder = await openFolderAws(data);
  const { functions } = folder.provisioned;
  const schedule = `${prefix}-pipeline-PollSchedule-1A2B3C`;
  const hosts = new Map<string, FunctionHost>();
  const hostOf = (fn: ProvisionedFunction): FunctionHost => {
    const host = hosts.get(fn.name) ?? startFunctionHost(fn, { more: env, processes: 1, write: () => {} });
    hosts.set(fn.name, host);
    return host;
  };
  const named = (name: string) => functions.find((fn) => physicalName(prefix, fn) === name);

  const listResources = (stack: string): { status: number; body: string } => {
    if (stack !== `${prefix}-pipeline`)
      return {
        status: 400,
        body: `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id ${stack} does not exist</Message></Error></ErrorResponse>`,
      };
    const members = [
      ...functions.map((fn) => ['AWS::Lambda::Function', fn.logicalId, physicalName(prefix, fn)]),
      ['AWS::Scheduler::Schedule', 'PollSchedule', schedule],
    ].map(
      ([type = '', logicalId = '', physicalId = '']) =>
        `<member><ResourceType>${type}</ResourceType><LogicalResourceId>${logicalId}</LogicalResourceId><PhysicalResourceId>${physicalId}</PhysicalResourceId><ResourceStatus>CREATE_COMPLETE</ResourceStatus><LastUpdatedTimestamp>2026-01-01T00:00:00Z</LastUpdatedTimestamp></member>`,
    );
    return {
      status: 200,
      body: xml('ListStackResources', `<StackResourceSummaries>${members.join('')}</StackResourceSummaries>`),
    };
  };

  /** What the embedded bus and secrets do not know: rules, and whether a secret is filled. */
  const busOrSecret = async (target: string, body: string): Promise<{ status: number; body: string }> => {
    const said = (answer: object) => ({ status: 200, body: JSON.stringify(answer) });
    const unknown = {
      status: 400,
      body: JSON.stringify({ __type: 'ResourceNotFoundException', message: '' }),
    };
    const isRule = /"(Name|Rule)":"crm-rule"/.test(body);
    switch (target) {
      case 'AWSEvents.DescribeEventBus':
        return said({ Name: 'bus' });
      case 'AWSEvents.DescribeRule':
        return isRule ? said({ Name: 'crm-rule', EventPattern: '{}' }) : unknown;
      case 'AWSEvents.ListTargetsByRule':
        return isRule
          ? said({ Targets: [{ Id: 'queue', Arn: `arn:aws:sqs:us-east-1:000000000000:${RULE_QUEUE}` }] })
          : unknown;
      case 'AWSEvents.TestEventPattern':
        return said({ Result: JSON.parse(JSON.parse(body).Event).detail.summary.direction === 'inbound' });
      case 'secretsmanager.DescribeSecret':
        return said({ VersionIdsToStages: stack.filled ? { one: ['AWSCURRENT'] } : {} });
      case 'secretsmanager.GetSecretValue':
        return said({
          SecretString: JSON.stringify({ token: process.env['SMARTFLO_TOKEN'] }),
          VersionId: 'one',
        });
      default: {
        const bus = await fetch(folder.env['AWS_ENDPOINT_URL_EVENTBRIDGE'] ?? '', {
          method: 'POST',
          headers: { 'x-amz-target': target },
          body,
        });
        return { status: bus.status, body: await bus.text() };
      }
    }
  };

  const answer = async (request: IncomingMessage): Promise<{ status: number; body: string; of?: string }> => {
    const body = await readBody(request);
    const path = decodeURIComponent((request.url ?? '').split('?')[0] ?? '');
    if (stack.refusal !== undefined)
      return {
        status: 403,
        body: `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${stack.refusal}</Message></Error></ErrorResponse>`,
      };
    const target = String(request.headers['x-amz-target'] ?? '');
    if (target !== '') return busOrSecret(target, body);
    if (path === '/') return listResources(new URLSearchParams(body).get('StackName') ?? '');
    const [, fnName, what] =
      /^\/2015-03-31\/functions\/([^/]+)\/(configuration|invocations)$/.exec(path) ?? [];
    const fn = named(fnName ?? '');
    if (fn && what === 'configuration')
      return {
        status: 200,
        body: JSON.stringify({ FunctionName: fnName, Environment: { Variables: fn.environment } }),
      };
    if (fn) {
      const invocation = await hostOf(fn).invoke(JSON.parse(body));
      if (invocation.outcome === 'returned') return { status: 200, body: JSON.stringify(invocation.result) };
      const error =
        invocation.outcome === 'failed' ? invocation.error : { name: invocation.outcome, message: '' };
      const answer = { errorType: error.name, errorMessage: error.message, trace: [] };
      return { status: 200, body: JSON.stringify(answer), of: 'Unhandled' };
    }
    if (path === `/schedules/${schedule}`)
      return {
        status: 200,
        body: JSON.stringify({
          Name: schedule,
          State: stack.state,
          Target: { Arn: 'arn:aws:lambda:::', RoleArn: 'arn:aws:iam:::', Input: inputOf(folder.accounts) },
        }),
      };
    return { status: 404, body: JSON.stringify({ message: `not stubbed: ${path}` }) };
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { status, body, of } = await answer(request);
    response.writeHead(status, {
      'content-type': body.startsWith('<') ? 'text/xml' : 'application/json',
      ...(of && { 'x-amz-function-error': of }),
    });
    response.end(body);
  };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env: Record<string, string> = {
    ...folder.env,
    AWS_ENDPOINT_URL_CLOUDFORMATION: endpoint,
    AWS_ENDPOINT_URL_LAMBDA: endpoint,
    AWS_ENDPOINT_URL_SCHEDULER: endpoint,
    AWS_ENDPOINT_URL_EVENTBRIDGE: endpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const before = Object.fromEntries(Object.keys(env).map((name) => [name, process.env[name]]));
  Object.assign(process.env, env);

  const stack: DeployedStack = {
    folder,
    state: 'ENABLED',
    filled: true,
    refusal: undefined,
    async ticking(work) {
      const [mapping] = folder.provisioned.eventSources;
      const { poller, consumer } = Object.fromEntries(functions.map((fn) => [fn.name, fn]));
      if (!mapping || !poller || !consumer) throw new Error('the template lacks a function');
      const { sqs } = clientsOf(folder);
      const source = startEventSource({
        queueUrl: mapping.queueUrl,
        batchSize: mapping.batchSize,
        concurrency: 1,
        sqs,
        invoke: (event) => hostOf(consumer).invoke(event),
        onBatch: () => {},
        onTrouble: () => {},
      });
      const over = new AbortController();
      const done = work.finally(() => over.abort());
      while (!over.signal.aborted) {
        const scheduledAt = new Date().toISOString();
        const { accounts } = folder;
        await hostOf(poller).invoke({ scheduledAt, accounts, only: ['proof', 'backfill'] });
        await wait(500);
      }
      await source.stop();
      sqs.destroy();
      return done;
    },
    async close() {
      for (const [name, value] of Object.entries(before))
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      for (const host of hosts.values()) host.kill();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await folder.close();
    },
  };
  return stack;
};

/** What Scheduler hands over: the accounts, and a placeholder for the time. */
const inputOf = (accounts: readonly unknown[]): string =>
  JSON.stringify({ scheduledAt: '<aws.scheduler.scheduled-time>', accounts });
