import * as z from 'zod';
import type { TemplateResource } from '../../local/template.ts';
import type { Quantity } from './quantity.ts';

/** What is to be known of a resource type before a bill can be foretold. */
type Billing =
  /** Costs nothing, however much it is used. */
  | 'free'
  /** Costs only by what is done with it: counted by use (cli/cost/use.ts). */
  | 'by use'
  /** Costs something for being there. */
  | ((resource: TemplateResource) => readonly Quantity[]);

const one =
  (price: Quantity['price'], what: string): Billing =>
  () => [{ price, amount: 1, what }];

const Statistics = z.looseObject({
  Metrics: z
    .array(z.looseObject({ MetricStat: z.unknown().optional(), Expression: z.string().optional() }))
    .optional(),
});

/** An alarm is paid for by the metrics that it looks at; a band of what is usual counts as two more. */
const alarmed: Billing = ({ Properties }) => {
  const { Metrics = [{}] } = Statistics.parse(Properties);
  const looked = Metrics.filter(({ Expression }) => Expression === undefined).length;
  const bands = Metrics.filter(({ Expression }) => Expression?.startsWith('ANOMALY_DETECTION_BAND')).length;
  return [{ price: 'alarms', amount: looked + 2 * bands, what: 'alarms' }];
};

/**
 * Every resource type that a template of ours may have. One that is not here makes the estimate fail: nobody
 * knows what it costs until somebody has looked.
 */
export const CATALOGUE: Readonly<Record<string, Billing>> = {
  'AWS::IAM::Role': 'free',
  'AWS::IAM::Policy': 'free',
  'AWS::IAM::ManagedPolicy': 'free',
  'AWS::CDK::Metadata': 'free',
  'AWS::CloudFormation::CustomResource': 'free',
  'AWS::Lambda::Permission': 'free',
  'AWS::Lambda::EventInvokeConfig': 'free',
  'AWS::Lambda::LayerVersion': 'free',
  'AWS::S3::BucketPolicy': 'free',
  'AWS::SQS::QueuePolicy': 'free',
  'AWS::SNS::TopicPolicy': 'free',
  'AWS::SNS::Subscription': 'free',
  'AWS::KMS::Alias': 'free',
  'AWS::SecretsManager::ResourcePolicy': 'free',
  'AWS::Events::EventBusPolicy': 'free',
  'AWS::Events::Rule': 'free',
  'AWS::EventSchemas::Registry': 'free',
  'AWS::EventSchemas::Schema': 'free',
  'AWS::Scheduler::ScheduleGroup': 'free',
  'AWS::CloudWatch::AnomalyDetector': 'free',
  'AWS::Logs::QueryDefinition': 'free',
  'AWS::Logs::ResourcePolicy': 'free',
  'AWS::Logs::MetricFilter': 'free',
  'AWS::Budgets::Budget': 'free',
  'AWS::Glue::Database': 'free',
  'AWS::Glue::Table': 'free',
  'AWS::Athena::WorkGroup': 'by use',
  'AWS::Athena::NamedQuery': 'free',
  'AWS::Athena::PreparedStatement': 'free',
  'AWS::DynamoDB::GlobalTable': 'by use',
  'AWS::DynamoDB::Table': 'by use',
  'AWS::S3::Bucket': 'by use',
  'AWS::SQS::Queue': 'by use',
  'AWS::SNS::Topic': 'by use',
  'AWS::Events::EventBus': 'by use',
  'AWS::Events::Archive': 'by use',
  'AWS::Lambda::Function': 'by use',
  'AWS::Lambda::EventSourceMapping': 'by use',
  'AWS::Scheduler::Schedule': 'by use',
  'AWS::Logs::LogGroup': 'by use',
  'AWS::KMS::Key': one('keys', 'customer-managed key'),
  'AWS::SecretsManager::Secret': one('secrets', 'credentials'),
  'AWS::CloudWatch::Dashboard': one('dashboards', 'dashboard'),
  'AWS::CloudWatch::CompositeAlarm': one('compositeAlarms', 'composite alarms'),
  'AWS::CloudWatch::Alarm': alarmed,
};

/** A template has something of which nobody has said what it costs. */
export class UnknownCost extends Error {
  override readonly name = 'UnknownCost';
}

/**
 * What is paid for resources being there, used or not.
 * @throws {UnknownCost} naming the types that the catalogue lacks.
 */
export const standingQuantities = (resources: readonly TemplateResource[]): Quantity[] => {
  const unknown = new Set(resources.map(({ Type }) => Type).filter((type) => !(type in CATALOGUE)));
  if (unknown.size > 0)
    throw new UnknownCost(
      `the template has ${[...unknown].sort().join(', ')}: say in cli/cost/catalogue.ts what it costs`,
    );
  return resources.flatMap((resource) => {
    const billing = CATALOGUE[resource.Type];
    return typeof billing === 'function' ? billing(resource) : [];
  });
};
