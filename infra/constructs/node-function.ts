import { fileURLToPath } from 'node:url';
import type { Duration } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type CfnFunction, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type * as z from 'zod';
import { heapEnvironment, type NodeHeap } from '../../shared/contract/node-heap.ts';
import { acknowledge, RULES } from './acknowledge.ts';
import type { EncryptionKey } from './encryption-key.ts';
import { type Conditions, ExactRole, type Grantee } from './exact-role.ts';
import { leanClient } from './lean-sdk.ts';
import { protectedLogs } from './protected-logs.ts';
import type { Undelivered } from './undelivered.ts';

/** A function's environment as its env.ts takes it: names to text. */
type Environment = Readonly<Record<string, string | undefined>>;

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What bundles have in place of parts of the SDK that bring much more than they are used for. */
const LEAN = {
  'credential-provider-node': `${ROOT}shared/adapters/environment-credentials.ts`,
  'middleware-endpoint-discovery': `${ROOT}shared/adapters/no-endpoint-discovery.ts`,
  ...Object.fromEntries(
    [
      'client-dynamodb',
      'client-eventbridge',
      'client-glue',
      'client-s3',
      'client-secrets-manager',
      'client-sqs',
    ].map((name) => [name, leanClient(name)]),
  ),
};

/** Template metadata under which local mode finds a function by its folder's name. */
export const FOLDER_METADATA = 'smartflo-cdr:function';

/** What every function of a stack shares. */
export interface FunctionSurroundings {
  readonly key: EncryptionKey;
  readonly logDays: RetentionDays;
  /** Where an asynchronous invocation goes that fails or comes too late. */
  readonly undelivered: Undelivered;
}

export interface NodeFunctionProps<Env extends Environment> extends FunctionSurroundings {
  /** Its folder under functions/. */
  readonly folder: string;
  readonly description: string;
  /** The schema of its env.ts. What that requires, grants must have set by the end of the synthesis. */
  readonly env: z.ZodObject & z.ZodType<unknown, Env>;
  readonly timeout: Duration;
  readonly memoryMb: number;
  /** Where it needs less than the runtime would let it have: nine tenths of its memory, and a twentieth a semi-space. */
  readonly heap?: NodeHeap;
}

/**
 * One bundled handler, with a role and a log group of its own. It starts with no environment and may do
 * nothing but log: a resource's `grant…` gives the name and the permission together.
 */
export class NodeFunction<Env extends Environment> extends Construct implements Grantee {
  readonly lambda: NodejsFunction;
  readonly logGroup: LogGroup;
  readonly #role: ExactRole;
  readonly #given = new Set<string>();

  constructor(scope: Construct, id: string, props: NodeFunctionProps<Env>) {
    super(scope, id);
    this.logGroup = protectedLogs(this, 'Logs', { days: props.logDays, key: props.key.key });
    this.#role = new ExactRole(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [this.logGroup.logGroupArn]);
    props.undelivered.grantSend(this);
    this.lambda = new NodejsFunction(this, 'Function', {
      description: props.description,
      entry: `${ROOT}functions/${props.folder}/index.ts`,
      projectRoot: ROOT,
      depsLockFilePath: `${ROOT}package-lock.json`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: props.timeout,
      memorySize: props.memoryMb,
      ...(props.heap && { environment: heapEnvironment(props.heap) }),
      role: this.#role.role,
      logGroup: this.logGroup,
      loggingFormat: LoggingFormat.JSON,
      // It would turn off keep-alive tuning that only the SDK v2 had.
      awsSdkConnectionReuse: false,
      bundling: {
        format: OutputFormat.ESM,
        target: 'node24',
        mainFields: ['module', 'main'],
        // The SDK comes with the bundle: it loads faster than the runtime's own, and is the version tested.
        externalModules: [],
        minify: true,
        esbuildArgs: Object.fromEntries(
          Object.entries(LEAN).map(([name, entry]) => [`--alias:@aws-sdk/${name}`, entry]),
        ),
        // Some of the SDK's CommonJS parts call require() for Node's own modules.
        // A name too long for the minifier to choose as well.
        banner:
          "import{createRequire as createBundleRequire}from'node:module';const require=createBundleRequire(import.meta.url);",
      },
    });
    // An event source is refused while the role may not read it.
    this.lambda.node.addDependency(this.#role);
    const resource = this.lambda.node.defaultChild as CfnFunction;
    resource.addMetadata(FOLDER_METADATA, props.folder);
    acknowledge(
      resource,
      RULES.reservedConcurrency,
      'A new AWS account may run ten functions at once and can reserve none of them. What invokes it is bounded instead.',
    );
    acknowledge(
      resource,
      RULES.vpc,
      "It calls Smartflo's public address and AWS. In a VPC it would need a NAT, at $33 a month, and be no safer.",
    );
    // Set here, as the construct's own property would add a policy of its own to the role.
    resource.deadLetterConfig = { targetArn: props.undelivered.queue.queueArn };
    this.node.addValidation({
      validate: () =>
        Object.entries(props.env.shape)
          .filter(([name, schema]) => !this.#given.has(name) && !schema.safeParse(undefined).success)
          .map(([name]) => `functions/${props.folder}/env.ts requires ${name}, which no grant has set`),
    });
  }

  /** Sets a name that the function's env.ts knows. */
  give<Name extends keyof Env & string>(name: Name, value: NonNullable<Env[Name]>): void {
    this.#given.add(name);
    this.lambda.addEnvironment(name, value);
  }

  allow(actions: readonly string[], resources: readonly string[], conditions?: Conditions): void {
    this.#role.allow(actions, resources, conditions);
  }
}
