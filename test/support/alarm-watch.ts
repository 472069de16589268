import * as z from 'zod';
import { MINUTE, SECOND, type EpochMs, type Ms } from '../../shared/core/time.ts';
import { Metrics, type State, TemplateAlarm } from './cloudwatch.ts';
import type { stacksOf } from './stacks.ts';

const Attribute = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) });
const CompositeProperties = z.object({
  AlarmDescription: z.string(),
  AlarmRule: z.object({ 'Fn::Join': z.tuple([z.literal(''), z.array(z.union([z.string(), Attribute]))]) }),
  AlarmActions: z.array(z.unknown()).default([]),
  ActionsSuppressor: Attribute.optional(),
  ActionsSuppressorWaitPeriod: z.number().default(0),
  ActionsSuppressorExtensionPeriod: z.number().default(0),
});

interface Composite {
  readonly id: string;
  readonly children: readonly string[];
  readonly tells: boolean;
  readonly suppressor: string | undefined;
  readonly wait: Ms;
  readonly extension: Ms;
}

const compositeOf = (id: string, properties: unknown): Composite => {
  const parsed = CompositeProperties.parse(properties);
  const [, parts] = parsed.AlarmRule['Fn::Join'];
  const words = parts.filter((part) => typeof part === 'string').join('');
  // Only "any of them" is understood here; another rule must not be taken for it.
  if (!/^\(?(ALARM\(""\)( OR )?)+\)?$/.test(words)) throw new SyntaxError(`${id}: ${words}`);
  return {
    id,
    children: parts.flatMap((part) => (typeof part === 'string' ? [] : [part['Fn::GetAtt'][0]])),
    tells: parsed.AlarmActions.length > 0,
    suppressor: parsed.ActionsSuppressor?.['Fn::GetAtt'][0],
    wait: parsed.ActionsSuppressorWaitPeriod * SECOND,
    extension: parsed.ActionsSuppressorExtensionPeriod * SECOND,
  };
};

/** Somebody was told. */
export interface Page {
  readonly alarm: string;
  readonly at: EpochMs;
}

/** All alarms of a template and whom they wake, minute after minute. */
export class AlarmWatch {
  readonly metrics = new Metrics();
  readonly alarms: readonly TemplateAlarm[];
  readonly pages: Page[] = [];
  /** Alarms that were raised at any minute, told or not. */
  readonly raised = new Set<string>();
  readonly #composites: readonly Composite[];
  readonly #states = new Map<string, State>();
  /** When a composite's suppressor was last raised, and since when the composite waits to be told. */
  readonly #suppressedAt = new Map<string, EpochMs>();
  readonly #waiting = new Map<string, EpochMs>();

  constructor({ resources }: Pick<ReturnType<typeof stacksOf>, 'resources'>) {
    this.alarms = resources.flatMap(([id, resource]) =>
      resource.Type === 'AWS::CloudWatch::Alarm' ? [new TemplateAlarm(id, resource)] : [],
    );
    this.#composites = resources.flatMap(([id, { Type, Properties }]) =>
      Type === 'AWS::CloudWatch::CompositeAlarm' ? [compositeOf(id, Properties)] : [],
    );
  }

  get composites(): readonly Composite[] {
    return this.#composites;
  }

  stateOf(id: string): State {
    return this.#states.get(id) ?? 'INSUFFICIENT_DATA';
  }

  /** Evaluates everything at each minute of a stretch; `step` skips some. */
  watch(from: EpochMs, to: EpochMs, step: Ms = MINUTE): void {
    for (let now = from; now <= to; now += step) {
      for (const alarm of this.alarms)
        if (this.#enter(alarm.id, alarm.evaluate(this.metrics, now)) && alarm.tells)
          this.pages.push({ alarm: alarm.id, at: now });
      for (const composite of this.#composites) this.#evaluate(composite, now);
    }
  }

  /** @returns whether it was raised just now. */
  #enter(id: string, state: State): boolean {
    const before = this.#states.get(id);
    this.#states.set(id, state);
    if (state === 'ALARM') this.raised.add(id);
    return state === 'ALARM' && before !== 'ALARM';
  }

  #evaluate({ id, children, tells, suppressor, wait, extension }: Composite, now: EpochMs): void {
    const isRaised = children.some((child) => this.stateOf(child) === 'ALARM');
    if (this.#enter(id, isRaised ? 'ALARM' : 'OK')) this.#waiting.set(id, now);
    if (!isRaised) this.#waiting.delete(id);
    if (suppressor !== undefined && this.stateOf(suppressor) === 'ALARM') this.#suppressedAt.set(id, now);
    const since = this.#waiting.get(id);
    const held = this.#suppressedAt.get(id);
    if (!tells || since === undefined) return;
    if (suppressor !== undefined && now < since + wait) return;
    if (held !== undefined && now <= held + extension) return;
    this.pages.push({ alarm: id, at: now });
    this.#waiting.delete(id);
  }
}
