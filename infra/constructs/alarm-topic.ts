import { Aws } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { EncryptionKey } from './encryption-key.ts';
import type { Undelivered } from './undelivered.ts';

/** Where alarms are told, and who hears of them. */
export class AlarmTopic extends Construct {
  readonly topic: Topic;

  /** @param email is asked by AWS whether it wants to, before anything else is sent there. */
  constructor(
    scope: Construct,
    id: string,
    { key, undelivered, email }: { key: EncryptionKey; undelivered: Undelivered; email: string | undefined },
  ) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', {
      displayName: 'Smartflo call records',
      enforceSSL: true,
      masterKey: key.key,
    });
    // A policy of its own replaces the one by which alarms of the same account might publish.
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    if (email !== undefined)
      this.topic.addSubscription(new EmailSubscription(email, { deadLetterQueue: undelivered.queue }));
  }
}
