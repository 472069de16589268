import { CfnOutput, Stack } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { AlarmTopic } from '../constructs/alarm-topic.ts';
import { Alarms } from '../constructs/alarms.ts';
import { Consumer } from '../constructs/consumer.ts';
import { PipelineDashboard } from '../constructs/pipeline-dashboard.ts';
import { Undelivered } from '../constructs/undelivered.ts';
import { Poller, POLLER_MB } from '../constructs/poller.ts';
import { Prover } from '../constructs/prover.ts';
import type { DataStack } from './data.ts';

/** What works: schedules, poller, queue, consumer. It holds nothing that a new deployment would not make again. */
export class PipelineStack extends Stack {
  readonly undelivered: Undelivered;
  /** Where alarms are told. */
  readonly topic: ITopic;

  constructor(scope: Construct, id: string, { data, config }: { data: DataStack; config: Config }) {
    super(scope, id, {
      description: 'Smartflo call records: schedules, poller, queue, consumer and prover.',
    });

    this.undelivered = new Undelivered(this, 'Undelivered', { key: data.key });
    const surroundings = { key: data.key, logDays: config.logDays, undelivered: this.undelivered };
    const consumer = new Consumer(this, 'Ingest', surroundings);
    data.archive.grantAppend(consumer.fn);
    data.index.grantUpsert(consumer.fn);
    data.bus.grantPublish(consumer.fn);

    const accounts = config.accounts.map((account) => ({
      ...account,
      secretId: data.secrets.arnOf(account.name),
    }));
    const poller = new Poller(this, 'Poll', { accounts, ...surroundings });
    data.ledger.grantKeep(poller.fn);
    data.archive.grantPoll(poller.fn);
    data.secrets.grantRead(poller.fn);
    consumer.grantSend(poller.fn);

    const prover = new Prover(this, 'Prove', { accounts, ...surroundings });
    data.archive.grantProve(prover.fn);
    data.ledger.grantProve(prover.fn);
    data.index.grantProve(prover.fn);
    data.bus.grantPublish(prover.fn);
    consumer.grantRepair(prover.fn);

    this.topic = new AlarmTopic(this, 'Told', { ...surroundings, email: config.alarmEmail }).topic;
    prover.alarm.addAlarmAction(new SnsAction(this.topic));
    new Alarms(this, 'Alarms', {
      accounts: config.accounts.map(({ name }) => name),
      queue: consumer.queue,
      deadLetters: { Ingest: consumer.deadLetters },
      undelivered: surroundings.undelivered.queue,
      poller: poller.fn.lambda,
      pollerMb: POLLER_MB,
      schedules: poller.schedules,
      consumer: consumer.fn.lambda,
      index: data.index.table,
      secondaryIndexes: Object.values(config.indexes).filter(Boolean).length,
      dailyUsd: config.alarmDailyUsd,
      topic: this.topic,
    });

    const dashboard = new PipelineDashboard(this, 'Dashboard', {
      queue: consumer.queue,
      deadLetters: consumer.deadLetters,
      poller: poller.fn,
      consumer: consumer.fn,
      prover: prover.fn,
      index: data.index.table,
    });

    for (const { name, secretId } of accounts)
      new CfnOutput(this, `FillSecret-${name}`, {
        description: `Do this next: write {"token": "..."} or {"email": "...", "password": "..."} of account ${name} into credential.json, run this, delete the file.`,
        value: `aws secretsmanager put-secret-value --secret-string file://credential.json --secret-id ${secretId}`,
      });
    new CfnOutput(this, 'DashboardAddress', {
      description: 'How it goes, in CloudWatch: lag, completeness, queues and credentials first.',
      value: `https://console.aws.amazon.com/cloudwatch/home?region=${this.region}#dashboards/dashboard/${dashboard.name}`,
    });
    new CfnOutput(this, 'Watch', {
      description: 'Then see the poller at work.',
      value: `aws logs tail --follow ${poller.fn.logGroup.logGroupName}`,
    });
  }
}
