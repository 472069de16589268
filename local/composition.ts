import { scryptSync } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../cli/failure.ts';
import type { Account } from '../shared/contract/account.ts';
import type { EpochMs } from '../shared/core/time.ts';
import { writeDoor } from './door.ts';
import { type EmbeddedAws, startEmbeddedAws } from './embedded/aws.ts';
import { SCENES } from './fake-smartflo/scenes.ts';
import { startFakeSmartflo } from './fake-smartflo/server.ts';
import { type FunctionHost, startFunctionHost } from './function-host.ts';
import { type Provisioned, provision } from './provision.ts';
import type { RunLog } from './run-log.ts';
import { type Sideline, sidelinesOf } from './sidelines.ts';
import type { SourceChoice } from './source-choice.ts';
import { SynthesisFailed, synthesise } from './synthesis.ts';
import { type SystemNames, systemNames } from './system-names.ts';
import type { Opened } from './local-system.ts';
import { type Asked, accountsOf, type FetchSpan, localAccount, polledAccounts } from './tick-input.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Where tools keep what can be made again; `npm ci` clears it. */
const SYNTHESIS = join(ROOT, 'node_modules', '.cache', 'smartflo-cdr', 'synthesis');

/** The fake's calls are the same at every start. */
const FAKE_SEED = 1;
const FAKE_HISTORY: EpochMs = Date.parse('2020-01-01T00:00:00+05:30');
/** Requests a second: below what the fake's scene allows. */
const FAKE_RATE = 18;

/** Only the accounts of a schedule are read with it. */
const NEVER = new Date(0).toISOString();

/** Consumers at once: a laptop has few cores. */
export const CONSUMERS = 2;

/** Everything that runs, and what it is called. */
export interface Composition {
  readonly aws: EmbeddedAws;
  readonly provisioned: Provisioned;
  readonly poller: FunctionHost;
  readonly consumer: FunctionHost;
  /** What runs beside, each at its own pace. */
  readonly sidelines: readonly Sideline[];
  readonly names: SystemNames;
  readonly accounts: readonly Account[];
  close(): Promise<void>;
}

/** Templates → resources → functions, beside a source: the same resources and bundles that are deployed. */
export const compose = async (
  { choice, folder }: Pick<Opened, 'choice' | 'folder'>,
  span: FetchSpan,
  log: RunLog,
): Promise<Composition> => {
  const closing: (() => unknown)[] = [];
  const closeAll = async () => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    const [aws] = await Promise.all([startEmbeddedAws({ dataDir: folder.root }), synthesiseHere(log)]);
    closing.push(() => aws.close());
    const provisioned = await provisionHere(aws);
    const source = await openSource(choice);
    closing.push(() => source.close());

    const given = polledAccounts(
      pollerSchedules(provisioned).flatMap((schedule) => accountsOf(schedule.input(NEVER))),
      choice,
    );
    const version = scryptSync(source.secret, folder.mark.salt, 16).toString('hex');
    for (const { secretId } of given) aws.putSecret(secretId, source.secret, version);

    const host = (name: string, processes: number): FunctionHost => {
      const fn = functionNamed(provisioned, name);
      const started = startFunctionHost(fn, { more: aws.env, processes, write: log.line });
      closing.push(() => started.kill());
      return started;
    };
    const accounts = given.map((account) => localAccount(account, span, source.asked));
    await writeDoor(folder.root, { env: aws.env, accounts });
    return {
      aws,
      provisioned,
      poller: host('poller', 1),
      consumer: host('consumer', CONSUMERS),
      sidelines: sidelinesOf(provisioned, accounts, (name) => host(name, 1)),
      names: systemNames(provisioned.functions.map(({ environment }) => environment)),
      accounts,
      close: closeAll,
    };
  } catch (thrown) {
    await closeAll();
    throw thrown;
  }
};

/** The templates of this checkout, made where they are not there yet. */
export const synthesiseHere = async (log: Pick<RunLog, 'write'>): Promise<void> => {
  try {
    const { cached } = await synthesise(SYNTHESIS);
    log.write('info', 'templates are ready', { cached });
  } catch (thrown) {
    if (!(thrown instanceof SynthesisFailed)) throw thrown;
    throw new Failure('synthesis-failed', 'the templates could not be written', {
      came: thrown.message,
      wanted: 'a block "smartflo" in cdk.json that fits',
      cure: 'correct what is named above',
      cause: thrown,
    });
  }
};

/** What the templates ask for, on an embedded AWS; what is there stays. */
export const provisionHere = async (aws: Pick<EmbeddedAws, 'env'>): Promise<Provisioned> => {
  try {
    return await provision(SYNTHESIS, aws);
  } catch (thrown) {
    throw new Failure('resources-differ', 'the resources of this data folder do not fit the templates', {
      came: thrown instanceof Error ? thrown.message : String(thrown),
      wanted: 'the resources that the templates ask for',
      cure: 'npx smartflo-cdr start --fresh sets the folder aside and begins anew',
      cause: thrown,
    });
  }
};

/** The source that is asked: the fake on loopback, or the real one. */
export const openSource = async (
  choice: SourceChoice,
): Promise<{ secret: string; asked: Asked; close(): Promise<void> }> => {
  if (!choice.simulated) {
    const { secret, baseUrl, requestsPerSecond } = choice;
    return { secret, asked: { baseUrl, requestsPerSecond }, close: async () => {} };
  }
  const fake = await startFakeSmartflo({
    seed: FAKE_SEED,
    knobs: SCENES.everyday,
    historyFrom: FAKE_HISTORY,
  });
  return {
    secret: JSON.stringify({ token: fake.knobs.auth.tokens[0] }),
    asked: { baseUrl: fake.url, requestsPerSecond: FAKE_RATE },
    close: () => fake.close(),
  };
};

const pollerSchedules = (provisioned: Provisioned) => {
  const { logicalId } = functionNamed(provisioned, 'poller');
  return provisioned.schedules.filter((schedule) => schedule.function === logicalId);
};

export const functionNamed = ({ functions }: Provisioned, name: string) =>
  only(
    functions.filter((fn) => fn.name === name),
    name,
  );

const only = <T>(found: readonly T[], what: string): T => {
  const [first] = found;
  if (first === undefined || found.length > 1)
    throw new Error(`wanted one ${what} in the templates, found ${found.length}`);
  return first;
};
