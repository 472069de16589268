const WORDS = "the template's words";

/**
 * What was tried of each type of resource without AWS, and what only AWS can tell. A type of the templates that is
 * missing here ends `npm run docs`.
 */
export const OFFLINE: Readonly<Record<string, readonly [tried: string, onlyAws: string]>> = {
  'AWS::Athena::NamedQuery': [
    "parsed by Trino's grammar; the same text run on DuckDB",
    'that Athena runs it, and what it scans',
  ],
  'AWS::Athena::WorkGroup': [WORDS, 'the limit of a query; encrypted answers'],
  'AWS::CloudWatch::Alarm': [
    'fed its fault and a clean day, from metrics that the handlers wrote',
    'that CloudWatch evaluates as our model of it does',
  ],
  'AWS::CloudWatch::CompositeAlarm': ['one cause, one mail, in the same model', 'suppression in real time'],
  'AWS::CloudWatch::Dashboard': ['the metrics that it names are written', 'how it looks'],
  'AWS::DynamoDB::GlobalTable': [
    'made with its keys and indexes, written and read by the bundled functions (dynalite)',
    'encryption, point-in-time recovery, deletion protection, throttling',
  ],
  'AWS::Events::Archive': [WORDS, 'replay; that EventBridge may use the key'],
  'AWS::Events::EventBus': ['made and published to (a small local bus)', 'rules, targets, other accounts'],
  'AWS::Events::EventBusPolicy': [WORDS, 'that the other account can put a rule'],
  'AWS::Events::Rule': ['the pattern against golden events', 'delivery'],
  'AWS::EventSchemas::Registry': [WORDS, 'how it looks in the console'],
  'AWS::EventSchemas::Schema': ['real events against it', 'that the registry takes it'],
  'AWS::Glue::Database': [WORDS, 'that Athena shows it'],
  'AWS::Glue::Table': [
    "columns against the definition; views parsed by Trino's grammar; the same SQL on DuckDB",
    'that Athena reads views and partitions from the catalog as it documents',
  ],
  'AWS::IAM::ManagedPolicy': [
    'every action of any role on every resource, simulated',
    'permissions that a service needs and does not document',
  ],
  'AWS::IAM::Role': ['who may take it on, simulated', 'the same'],
  'AWS::KMS::Key': ['its policy, simulated with the roles', 'that each service may use it'],
  'AWS::Lambda::EventInvokeConfig': [WORDS, 'that a late tick is dropped'],
  'AWS::Lambda::EventSourceMapping': [
    'partial batches and concurrency, as the template has them (our own event source)',
    'how fast Lambda scales it',
  ],
  'AWS::Lambda::Function': [
    "its bundle run on Node 24 with the template's environment and nothing else, killed and started again",
    "cold starts on arm64, frozen processes, the account's limit of concurrency",
  ],
  'AWS::Lambda::Permission': [WORDS, 'that the caller may call'],
  'AWS::Logs::LogGroup': [
    'each pattern against samples and healthy lines',
    'that CloudWatch takes the patterns, and masks',
  ],
  'AWS::S3::Bucket': [
    'made, written and read by the bundled functions (fauxqs)',
    'encryption, lifecycle, blocked public access',
  ],
  'AWS::S3::BucketPolicy': ['with and without TLS, simulated', 'the same'],
  'AWS::SNS::Subscription': [WORDS, 'that the mail arrives'],
  'AWS::SNS::Topic': [WORDS, 'that an alarm may publish, encrypted'],
  'AWS::SNS::TopicPolicy': [WORDS, 'the same'],
  'AWS::SQS::Queue': [
    'made with its times and its dead letters, sent to, read and redriven (fauxqs)',
    'encryption; millions of messages',
  ],
  'AWS::SQS::QueuePolicy': [WORDS, 'that it refuses what comes without TLS'],
  'AWS::Scheduler::Schedule': [
    'fired by a local scheduler, its input as the template has it, filled in',
    'jitter, and the tick that is lost',
  ],
  'AWS::SecretsManager::Secret': ['made empty, filled, read by the poller', 'encryption; who may read it'],
};
