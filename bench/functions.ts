import { fileURLToPath } from 'node:url';
import { startEmbeddedAws } from '../local/embedded/aws.ts';
import { type Provisioned, type ProvisionedFunction, provision } from '../local/provision.ts';
import { synthesise } from '../local/synthesis.ts';

/** As in local mode: what can be made again lies where `npm ci` clears it. */
export const SYNTHESIS = fileURLToPath(
  new URL('../node_modules/.cache/smartflo-cdr/bench-synthesis', import.meta.url),
);

/** The functions as the template has them; the embedded AWS only gives their environment its names. */
export const provisionBench = async (): Promise<Provisioned> => {
  await synthesise(SYNTHESIS);
  const aws = await startEmbeddedAws();
  try {
    return await provision(SYNTHESIS, aws);
  } finally {
    await aws.close();
  }
};

export const functionNamed = (
  { functions }: Pick<Provisioned, 'functions'>,
  name: string,
): ProvisionedFunction => {
  const found = functions.find((fn) => fn.name === name);
  if (!found) throw new Error(`the templates have no function ${name}`);
  return found;
};
