import {
  CloudFormationClient,
  paginateListStackResources,
  type StackResourceSummary,
} from '@aws-sdk/client-cloudformation';
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeEventBusCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import * as z from 'zod';
import { systemNames } from '../../local/system-names.ts';
import {
  createDynamoDbClient,
  createEventBridgeClient,
  createS3Client,
  createSqsClient,
} from '../../shared/adapters/aws-clients.ts';
import { Account } from '../../shared/contract/account.ts';
import { type Check, checksOf } from '../doctor/check.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { functionFailed, noFunction } from './invoking.ts';
import type { Place } from './place.ts';
import { portsOf } from './ports.ts';

/** Lambda's own limit. */
const LONGEST_RUN = 15 * 60_000;

const ScheduleInput = z.looseObject({ accounts: z.array(Account) });

/**
 * What `cdk deploy` made, found through CloudFormation: nobody copies names. Region and credentials are the SDK's:
 * AWS_REGION, AWS_PROFILE and their kind.
 *
 * @param prefix of the stacks' names: `smartflo` for smartflo-data and smartflo-pipeline
 * @throws {Failure} where AWS refuses, or there is no such stack
 */
export const openStack = async (prefix: string): Promise<Place> => {
  const stack = `${prefix}-pipeline`;
  const cloudFormation = new CloudFormationClient({});
  const lambda = new LambdaClient({});
  const scheduler = new SchedulerClient({});
  try {
    const region = await cloudFormation.config.region();
    const resources: StackResourceSummary[] = [];
    for await (const page of paginateListStackResources({ client: cloudFormation }, { StackName: stack }))
      resources.push(...(page.StackResourceSummaries ?? []));
    const named = (type: string) =>
      resources
        .filter(({ ResourceType }) => ResourceType === type)
        .flatMap(({ PhysicalResourceId }) => PhysicalResourceId ?? []);
    const functions = await Promise.all(
      named('AWS::Lambda::Function').map(async (FunctionName) => {
        const found = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
        return { FunctionName, environment: found.Environment?.Variables ?? {} };
      }),
    );
    const environments = functions.map(({ environment }) => environment);
    const schedules = await Promise.all(
      named('AWS::Scheduler::Schedule').map(async (Name) => {
        const { Target, State } = await scheduler.send(new GetScheduleCommand({ Name }));
        const input = ScheduleInput.safeParse(JSON.parse(Target?.Input ?? 'null'));
        return { Name, on: State === 'ENABLED', accounts: input.data?.accounts ?? [] };
      }),
    );
    const accounts = [
      ...new Map(
        schedules.flatMap((schedule) => schedule.accounts).map((account) => [account.name, account]),
      ).values(),
    ];
    const names = systemNames(environments);
    const clients = {
      s3: createS3Client(process.env),
      sqs: createSqsClient(process.env),
      dynamo: createDynamoDbClient(),
      events: createEventBridgeClient(),
    };
    return {
      kind: 'stack',
      title: `${stack} in ${region}`,
      flag: ` --stack ${prefix}`,
      running: true,
      accounts,
      ...portsOf(clients, names, 'stack'),
      checks: async () => [
        ...schedules.map(({ Name, on }) => scheduleCheck(Name, on)),
        await busCheck(clients.events, names.eventBus),
        ...(await Promise.all(accounts.map(({ name, secretId }) => secretCheck(name, secretId)))),
      ],
      async invoke(name, event) {
        // CloudFormation's names of functions begin with stack and construct: smartflo-pipeline-ProveProver...
        const fn = functions.find(({ FunctionName }) => FunctionName.toLowerCase().includes(name));
        if (!fn) throw noFunction(name);
        const client = new LambdaClient({ maxAttempts: 1, requestHandler: { requestTimeout: LONGEST_RUN } });
        try {
          const { Payload, FunctionError } = await client.send(
            new InvokeCommand({ FunctionName: fn.FunctionName, Payload: JSON.stringify(event) }),
          );
          const answer: unknown = JSON.parse(Buffer.from(Payload ?? []).toString('utf8') || 'null');
          if (FunctionError === undefined) return answer;
          throw functionFailed(name, errorOf(answer));
        } finally {
          client.destroy();
        }
      },
      async close() {
        for (const client of Object.values(clients)) client.destroy();
      },
    };
  } catch (thrown) {
    throw refused(stack, thrown);
  } finally {
    for (const client of [cloudFormation, lambda, scheduler]) client.destroy();
  }
};

const ErrorAnswer = z.looseObject({ errorType: z.string(), errorMessage: z.string() });

/** What Lambda tells of an invocation that failed, without the stack: the log has it. */
const errorOf = (answer: unknown): string => {
  const { data } = ErrorAnswer.safeParse(answer);
  return data ? `${data.errorType}: ${data.errorMessage}` : JSON.stringify(answer);
};

const { ok, fail } = checksOf('aws');

const scheduleCheck = (name: string, on: boolean): Check =>
  on
    ? ok(`schedule-${name}`, `the schedule ${name} is on`)
    : fail(
        `schedule-${name}`,
        `the schedule ${name} is off`,
        `aws scheduler get-schedule --name ${name}, then switch it on`,
      );

const busCheck = async (events: EventBridgeClient, bus: string): Promise<Check> => {
  try {
    await events.send(new DescribeEventBusCommand({ Name: bus }));
    return ok('bus', 'the bus is there');
  } catch (thrown) {
    return fail(
      'bus',
      `the bus ${bus} can not be seen: ${String(thrown)}`,
      'npx cdk deploy --all makes it again',
    );
  }
};

/** Only whether it has a value: the value itself is nobody's business here. */
const secretCheck = async (account: string, SecretId: string): Promise<Check> => {
  const client = new SecretsManagerClient({});
  try {
    const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId }));
    return Object.keys(VersionIdsToStages).length > 0
      ? ok(`secret-${account}`, `the secret of ${account} is filled`)
      : fail(
          `secret-${account}`,
          `the secret of ${account} is empty`,
          'the output FillSecret of the stack has the command',
        );
  } catch (thrown) {
    return fail(
      `secret-${account}`,
      `the secret of ${account} can not be seen: ${String(thrown)}`,
      'aws sts get-caller-identity tells whose credentials are used',
    );
  } finally {
    client.destroy();
  }
};

const refused = (stack: string, thrown: unknown): Failure => {
  const came = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  if (/does not exist/.test(came))
    return new Failure('stack-unknown', 'there is no such stack', {
      came: stack,
      wanted: 'the prefix of the deployed stacks, in the right region and account',
      cure: 'check --stack, AWS_REGION and AWS_PROFILE; aws cloudformation list-stacks shows the names',
      exit: EXIT.usage,
      cause: thrown,
    });
  if (/region is missing/i.test(came))
    return new Failure('aws-refused', 'nobody says in which region the stack is', {
      came,
      wanted: 'the region, in AWS_REGION or in the profile that AWS_PROFILE names',
      cure: 'set AWS_REGION, ap-south-1 for example, and run the same command again',
      exit: EXIT.awsRefused,
      cause: thrown,
    });
  return new Failure('aws-refused', 'AWS did not let us look at the stack', {
    came,
    wanted: 'credentials that may read the stack, its functions and schedules',
    cure: 'aws sts get-caller-identity tells whose credentials are used',
    exit: EXIT.awsRefused,
    cause: thrown,
  });
};
