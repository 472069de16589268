import type { Provisioned, ProvisionedFunction } from '../local/provision.ts';

export const functionNamed = (
  { functions }: Pick<Provisioned, 'functions'>,
  name: string,
): ProvisionedFunction => {
  const found = functions.find((fn) => fn.name === name);
  if (!found) throw new Error(`the templates have no function ${name}`);
  return found;
};
