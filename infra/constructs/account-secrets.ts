import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge, RULES } from './acknowledge.ts';
import type { EncryptionKey } from './encryption-key.ts';
import type { Grantee } from './exact-role.ts';

/** One secret an account, created empty: a person fills it, nothing of ours ever writes there. */
export class AccountSecrets extends Construct {
  readonly #arns: ReadonlyMap<string, string>;
  readonly #key: EncryptionKey;

  constructor(
    scope: Construct,
    id: string,
    props: { keep: boolean; key: EncryptionKey; accounts: readonly string[] },
  ) {
    super(scope, id);
    this.#key = props.key;
    this.#arns = new Map(
      props.accounts.map((account) => {
        // The L2 construct would fill in a random password, which would be tried as a credential.
        const secret = new CfnSecret(this, account, {
          description: `Smartflo account ${account}: {"token": "..."} or {"email": "...", "password": "..."}`,
          kmsKeyId: props.key.key.keyArn,
        });
        acknowledge(
          secret,
          RULES.secretRotation,
          'The credential is of Smartflo, where only a person can change it. An alarm tells 14 days before it ends.',
        );
        secret.applyRemovalPolicy(props.keep ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
        return [account, secret.ref];
      }),
    );
  }

  /** @throws for an account that was not given to the constructor. */
  arnOf(account: string): string {
    const arn = this.#arns.get(account);
    if (arn === undefined) throw new RangeError(`no secret was made for account ${account}`);
    return arn;
  }

  /** The poller. The secrets' ids travel in the tick, so no name is set. */
  grantRead(fn: Grantee): void {
    fn.allow(['secretsmanager:GetSecretValue'], [...this.#arns.values()]);
    this.#key.grantRead(fn, 'secretsmanager');
  }
}
