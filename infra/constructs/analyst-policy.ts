import { type CfnManagedPolicy, ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledgePrefixes, type Conditions, type Grantee } from './exact-role.ts';

/** A policy for people, to attach to a role or a permission set: it belongs to nobody yet. */
export class AnalystPolicy extends Construct implements Grantee {
  readonly policy: ManagedPolicy;
  readonly #prefixes: string[] = [];

  constructor(scope: Construct, id: string, { description }: { description: string }) {
    super(scope, id);
    this.policy = new ManagedPolicy(this, 'Policy', { description });
    this.node.addValidation({
      validate: () => {
        acknowledgePrefixes(this.policy, this.#prefixes.splice(0));
        return [];
      },
    });
  }

  allow(actions: readonly string[], resources: readonly string[], conditions?: Conditions): void {
    this.policy.addStatements(
      new PolicyStatement({
        actions: [...actions],
        resources: [...resources],
        ...(conditions && { conditions }),
      }),
    );
    this.#prefixes.push(...resources.filter((arn) => arn.endsWith('/*')));
  }

  get arn(): string {
    return this.policy.managedPolicyArn;
  }

  get resource(): CfnManagedPolicy {
    return this.policy.node.defaultChild as CfnManagedPolicy;
  }
}
