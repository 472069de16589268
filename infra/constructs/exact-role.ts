import { ManagedPolicy, PolicyStatement, type PrincipalBase, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

/** As IAM takes it: operator, key, value. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Whoever may be allowed something, whatever its environment is. */
export interface Grantee {
  /** @param actions exact, without wildcards. */
  allow(actions: readonly string[], resources: readonly string[], conditions?: Conditions): void;
}

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
  #apart = 0;

  constructor(scope: Construct, id: string, { assumedBy }: { assumedBy: PrincipalBase }) {
    super(scope, id);
    this.#role = new Role(this, 'Role', { assumedBy });
    this.role = this.#role.withoutPolicyUpdates();
    this.#policy = new ManagedPolicy(this, 'Policy', { roles: [this.#role] });
  }

  /** A long list of resources gets policies of its own. */
  allow(actions: readonly string[], resources: readonly string[], conditions?: Conditions): void {
    for (let from = 0; from < resources.length; from += RESOURCES_A_POLICY) {
      const some = resources.slice(from, from + RESOURCES_A_POLICY);
      const isLong = resources.length > RESOURCES_A_POLICY;
      (isLong ? this.#another() : this.#policy).addStatements(
        new PolicyStatement({ actions: [...actions], resources: some, ...(conditions && { conditions }) }),
      );
    }
  }

  #another(): ManagedPolicy {
    this.#apart += 1;
    return new ManagedPolicy(this, `Policy${this.#apart}`, { roles: [this.#role] });
  }
}
