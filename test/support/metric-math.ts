/** A figure for each period, or none. */
export type Series = (period: number) => number | undefined;

/** The band of what is usual is worked out by whoever knows the past. */
export type Band = (metric: string, deviations: number) => Series;

const TOKEN = /\s*([A-Za-z_][A-Za-z0-9_]*|\d+(?:\.\d+)?(?:e[+-]?\d+)?|[<>]=?|[-+*/(),])/y;
type Value = number | undefined;

const OPERATORS: readonly Readonly<Record<string, (a: number, b: number) => number>>[] = [
  { OR: (a, b) => (a || b ? 1 : 0) },
  { AND: (a, b) => (a && b ? 1 : 0) },
  {
    '>': (a, b) => Number(a > b),
    '>=': (a, b) => Number(a >= b),
    '<': (a, b) => Number(a < b),
    '<=': (a, b) => Number(a <= b),
  },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  { '*': (a, b) => a * b, '/': (a, b) => a / b },
];

/**
 * Metric math, as far as our alarms use it: numbers, metrics, `+ - * / < <= > >= AND OR`, FILL and IF. What lacks a
 * value gives none, as in CloudWatch.
 * @throws for anything else, so that no alarm is believed that was not understood.
 */
export const evaluateMath = (expression: string, metrics: Readonly<Record<string, Series>>): Series => {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let place = 0; place < expression.length; place = TOKEN.lastIndex) {
    const match = TOKEN.exec(expression);
    if (!match?.[1]) throw new SyntaxError(`not understood: ${expression.slice(place)}`);
    tokens.push(match[1]);
  }
  return (period) => {
    let at = 0;
    const take = (wanted: string) => {
      if (tokens[at++] !== wanted) throw new SyntaxError(`wanted ${wanted} in ${expression}`);
    };
    const level = (depth: number): Value => {
      const operators = OPERATORS[depth];
      if (!operators) return primary();
      let left = level(depth + 1);
      for (let operator = operators[tokens[at] ?? '']; operator; operator = operators[tokens[at] ?? '']) {
        at += 1;
        const right = level(depth + 1);
        left = left === undefined || right === undefined ? undefined : operator(left, right);
      }
      return left;
    };
    const list = (): Value[] => {
      take('(');
      const values = [level(0)];
      while (tokens[at] === ',') {
        at += 1;
        values.push(level(0));
      }
      take(')');
      return values;
    };
    const primary = (): Value => {
      const token = tokens[at++] ?? '';
      if (token === '-') {
        const value = primary();
        return value === undefined ? undefined : -value;
      }
      if (token === '(') {
        at -= 1;
        return list()[0];
      }
      if (/^\d/.test(token)) return Number(token);
      if (token === 'FILL') {
        const [value, otherwise] = list();
        return value ?? otherwise;
      }
      if (token === 'IF') {
        const [condition, yes, no] = list();
        return condition === undefined ? undefined : condition ? yes : no;
      }
      const metric = metrics[token];
      if (!metric) throw new SyntaxError(`${token} is neither a metric nor known here, in ${expression}`);
      return metric(period);
    };
    const value = level(0);
    if (at !== tokens.length) throw new SyntaxError(`${tokens[at]} was left over in ${expression}`);
    return value !== undefined && Number.isFinite(value) ? value : undefined;
  };
};
