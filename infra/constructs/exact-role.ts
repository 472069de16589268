import { Stack } from 'aws-cdk-lib';
import {
  type CfnManagedPolicy,
  ManagedPolicy,
  PolicyStatement,
  type PrincipalBase,
  Role,
} from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

/** As IAM takes it: operator, key, value. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** Whoever may be allowed something, whatever its environment is. */
export interface Grantee {
  /** @param actions exact, without wildcards. */
  allow(actions: readonly string[], resources: readonly string[], conditions?: Conditions): void;
}

/** Objects of one folder of a bucket. No other resource may end in a star. */
const PREFIX = /\/([a-z][a-z0-9-]*)\/\*$/;

/** A policy takes 6,144 characters: of these ARNs so many leave it room. */
const RESOURCES_A_POLICY = 25;

/**
 * A role that may do what it is given by `allow`, and nothing that the CDK would add by itself: its own grants
 * bring wildcards and inline policies.
 */
export class ExactRole extends Construct implements Grantee {
  /** Grants of the CDK's own constructs leave it as it is. */
  readonly role: ReturnType<Role['withoutPolicyUpdates']>;
  readonly #role: Role;
  readonly #policy: ManagedPolicy;
  readonly #prefixes = new Map<ManagedPolicy, string[]>();
  #apart = 0;

  constructor(scope: Construct, id: string, { assumedBy }: { assumedBy: PrincipalBase }) {
    super(scope, id);
    this.#role = new Role(this, 'Role', { assumedBy });
    this.role = this.#role.withoutPolicyUpdates();
    this.#policy = new ManagedPolicy(this, 'Policy', { roles: [this.#role] });
    // Last of all: only then are the names known under which one stack takes from another.
    this.node.addValidation({
      validate: () => {
        for (const [policy, arns] of this.#prefixes) acknowledgePrefixes(policy, arns);
        this.#prefixes.clear();
        return [];
      },
    });
  }

  /** A long list of resources gets policies of its own. */
  allow(actions: readonly string[], resources: readonly string[], conditions?: Conditions): void {
    for (let from = 0; from < resources.length; from += RESOURCES_A_POLICY) {
      const some = resources.slice(from, from + RESOURCES_A_POLICY);
      const policy = resources.length > RESOURCES_A_POLICY ? this.#another() : this.#policy;
      policy.addStatements(
        new PolicyStatement({ actions: [...actions], resources: some, ...(conditions && { conditions }) }),
      );
      const prefixes = some.filter((arn) => PREFIX.test(arn));
      this.#prefixes.set(policy, [...(this.#prefixes.get(policy) ?? []), ...prefixes]);
    }
  }

  #another(): ManagedPolicy {
    this.#apart += 1;
    return new ManagedPolicy(this, `Policy${this.#apart}`, { roles: [this.#role] });
  }
}

/** Tells cdk-nag why these ARNs of a policy end in a star. */
export const acknowledgePrefixes = (policy: ManagedPolicy, arns: readonly string[]): void => {
  const stack = Stack.of(policy);
  for (const arn of new Set(arns.map((arn) => flat(stack.resolve(arn)))))
    acknowledge(
      policy.node.defaultChild as CfnManagedPolicy,
      [`AwsSolutions-IAM5[Resource::${arn}]`],
      `Objects under ${PREFIX.exec(arn)?.[1]}/ of the one bucket: their keys are not known beforehand.`,
    );
};

/** An ARN as cdk-nag writes it in the id of what it has found. */
const flat = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const [[intrinsic, argument] = []] = Object.entries(value ?? {});
  if (intrinsic === 'Fn::Join' && Array.isArray(argument)) return argument[1].map(flat).join(argument[0]);
  if (intrinsic === 'Fn::GetAtt' && Array.isArray(argument)) return `<${argument.join('.')}>`;
  if (intrinsic === 'Fn::ImportValue') return flat(argument);
  if (intrinsic === 'Ref') return `<${String(argument)}>`;
  return JSON.stringify(value);
};
