import * as z from 'zod';
import { Config } from '../../shared/contract/config.ts';
import type { FieldMeta } from '../../shared/contract/field-meta.ts';

/** One line of the table: a field that a person may set. */
export interface Field {
  /** As one would write it, e.g. `accounts[].probes[].ageMinutes`. */
  readonly path: string;
  readonly description: string;
  readonly unit: string;
  readonly why: string;
  /** As JSON; absent where the field may be left out without one stepping in. */
  readonly preset?: string;
  readonly required: boolean;
  /** What is taken, in words: `3 to 30`, `true or false`. */
  readonly allowed: string;
}

/** Every field of the schema, parents before children. */
export const fieldsOf = (schema: z.ZodType, path = ''): Field[] => {
  const { bare, preset, optional, meta } = unwrap(schema);
  const children =
    bare instanceof z.ZodObject
      ? Object.entries<z.ZodType>(bare.shape).flatMap(([key, child]) =>
          fieldsOf(child, path === '' ? key : `${path}.${key}`),
        )
      : bare instanceof z.ZodArray && unwrap(bare.element as z.ZodType).bare instanceof z.ZodObject
        ? fieldsOf(bare.element as z.ZodType, `${path}[]`)
        : [];
  if (path === '' || path.endsWith('[]')) return children;
  const { description = '', unit = '', why = '' } = meta;
  const own: Field = {
    path,
    description,
    unit,
    why,
    required: !optional && preset === undefined,
    allowed: allowed(bare),
    ...(preset !== undefined && { preset: JSON.stringify(preset) }),
  };
  return [own, ...children];
};

const unwrap = (
  schema: z.ZodType,
): { bare: z.ZodType; preset?: unknown; optional: boolean; meta: FieldMeta } => {
  const meta = schema.meta() ?? {};
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    const inner = unwrap(schema.unwrap() as z.ZodType);
    const stepsIn =
      schema instanceof z.ZodOptional ? { optional: true } : { preset: schema.def.defaultValue };
    return { ...inner, ...stepsIn, meta: { ...inner.meta, ...meta } };
  }
  return { bare: schema, optional: false, meta };
};

const JsonSchema = z.looseObject({
  type: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  pattern: z.string().optional(),
  format: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
});

/** JSON Schema bounds an integer by what a double can hold; that is no limit of ours. */
const real = (bound: number | undefined): number | undefined =>
  bound === undefined || Math.abs(bound) >= Number.MAX_SAFE_INTEGER ? undefined : bound;

const FORMATS: Readonly<Record<string, string>> = { uri: 'a URL', email: 'an e-mail address' };

const allowed = (schema: z.ZodType): string => {
  const json = JsonSchema.parse(z.toJSONSchema(schema, { io: 'input' }));
  if (json.enum) return `one of ${json.enum.join(', ')}`;
  if (json.type === 'boolean') return 'true or false';
  if (json.type === 'object') return 'an object';
  if (json.type === 'array')
    return ['a list', range(json.minItems, json.maxItems)].filter(Boolean).join(' of ');
  if (json.type === 'string') {
    if (json.format !== undefined) return FORMATS[json.format] ?? json.format;
    return json.pattern === undefined ? 'text' : `text like \`${json.pattern}\``;
  }
  const [low, high] = [real(json.minimum), real(json.maximum)];
  const above = json.exclusiveMinimum;
  const bounds =
    above === undefined
      ? range(low, high)
      : `more than ${above}${high === undefined ? '' : `, at most ${high}`}`;
  return [json.type === 'integer' ? 'whole number' : 'number', bounds].filter(Boolean).join(', ');
};

const range = (low: number | undefined, high: number | undefined): string => {
  if (high === undefined) return low === undefined ? '' : `${low} or more`;
  return low === undefined ? `at most ${high}` : `${low} to ${high}`;
};

const section = ({ path, description, unit, why, preset, required, allowed: taken }: Field): string => {
  const given = required ? 'none, it must be given' : preset === undefined ? 'none' : `\`${preset}\``;
  return [
    `### \`${path}\``,
    '',
    description,
    '',
    `- Unit: ${unit}`,
    `- Allowed: ${taken}`,
    `- Default: ${given}; ${why}`,
    '',
  ].join('\n');
};

/** docs/configuring.md. */
export const configuringPage = (): string => {
  const fields = fieldsOf(Config);
  const ofAccounts = fields.filter(({ path }) => path.startsWith('accounts['));
  const others = fields.filter((field) => !ofAccounts.includes(field));
  return `# Configuring

One block tells a deployment all that it can be told: \`smartflo\` in the context of \`cdk.json\`. Nothing in it is
secret; credentials go into the secrets that the stack makes. Every field has a default but an account's name.

\`\`\`json
{
  "context": {
    "smartflo": {
      "accounts": [{ "name": "north", "cps": 10, "fetchFrom": "2026-01-01" }, { "name": "south" }],
      "alarmEmail": "on-call@example.com"
    }
  }
}
\`\`\`

The block may lie in a file of its own instead, which the context names: \`"smartflo": "production.json"\`, or for one
command \`npx cdk deploy --all -c smartflo=production.json\`.

An account more is one entry more: its schedule, its secret and its alarms follow from it, and an output of the
deployment gives the command that fills the secret.

What does not fit ends the synthesis, with every place that is wrong, what was found and what is allowed:

\`\`\`
The context "smartflo" (cdk.json) does not fit:
  smartflo.acounts: got an unknown key; did you mean accounts?
  smartflo.curatedAfterDays: got 1; Too small: expected number to be >=3
\`\`\`

## The deployment

${others.map(section).join('\n')}
## An account

${ofAccounts.map(section).join('\n')}
---

This page is made from the schema by \`npm run docs\`; a test fails when it is stale.
`;
};
