import { Alarm, type CreateAlarmOptions, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { AnomalyDetectionAlarm, ComparisonOperator } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

/** Where every alarm sends its reader. */
export const RUNBOOK = 'docs/operating.md';

/** What an alarm promises to whom it wakes. */
export interface AlarmPromise {
  /** Section of the runbook. */
  readonly runbook: string;
  /** Who is hurt and how, in one sentence. */
  readonly impact: string;
  /** What it means that no value came, and why. */
  readonly missing: { readonly means: keyof typeof MISSING; readonly because: string };
}

const MISSING = {
  trouble: TreatMissingData.BREACHING,
  nothing: TreatMissingData.NOT_BREACHING,
  'as before': TreatMissingData.IGNORE,
} as const;

const promised = ({ runbook, impact, missing }: AlarmPromise) => ({
  alarmDescription: `${impact} No value means ${missing.means}: ${missing.because} What to do: ${RUNBOOK}#${runbook}`,
  treatMissingData: MISSING[missing.means],
});

/** An alarm that says whom it concerns, what silence means, and where to read on. */
export const runbookAlarm = (
  scope: Construct,
  id: string,
  promise: AlarmPromise,
  when: Omit<CreateAlarmOptions, 'alarmName' | 'alarmDescription' | 'treatMissingData'> & {
    readonly metric: IMetric;
  },
): Alarm => new Alarm(scope, id, { ...when, ...promised(promise) });

/** One that is raised where a figure is far below what it was in the same hours of past weeks. */
export const unusuallyLowAlarm = (
  scope: Construct,
  id: string,
  promise: AlarmPromise,
  when: { readonly metric: IMetric; readonly stdDevs: number; readonly evaluationPeriods: number },
): Alarm =>
  new AnomalyDetectionAlarm(scope, id, {
    ...when,
    comparisonOperator: ComparisonOperator.LESS_THAN_LOWER_THRESHOLD,
    ...promised(promise),
  });
