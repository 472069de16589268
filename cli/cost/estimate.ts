import type { TemplateResource } from '../../local/template.ts';
import { standingQuantities } from './catalogue.ts';
import { type PriceName, priceOf, type Region } from './prices.ts';
import type { Quantity } from './quantity.ts';
import { type Load, shapeOf, usedQuantities } from './use.ts';

/** One line of the bill, US dollars a month at list price. */
export interface CostLine {
  readonly service: string;
  readonly what: string;
  readonly unit: string;
  /** Units a month, and how much of them comes with the calls. */
  readonly amount: number;
  /** What it costs with no call at all. */
  readonly fixed: Readonly<Record<Region, number>>;
  /** What the calls add. */
  readonly calls: Readonly<Record<Region, number>>;
}

/** A month's bill at list price. */
export interface Estimate {
  readonly lines: readonly CostLine[];
  readonly fixed: Readonly<Record<Region, number>>;
  readonly calls: Readonly<Record<Region, number>>;
  /** What the allowances that every AWS account has for ever take off, if nothing else uses them. */
  readonly allowances: Readonly<Record<Region, number>>;
}

const usd = (price: PriceName, amount: number, region: Region): number =>
  (amount / priceOf(price).per) * priceOf(price).usd[region];

const inBoth = (of: (region: Region) => number): Record<Region, number> => ({
  'us-east-1': of('us-east-1'),
  'ap-south-1': of('ap-south-1'),
});

const sums = (quantities: readonly Quantity[]): Map<string, Quantity> => {
  const found = new Map<string, Quantity>();
  for (const quantity of quantities) {
    const key = `${quantity.price} ${quantity.what}`;
    found.set(key, { ...quantity, amount: quantity.amount + (found.get(key)?.amount ?? 0) });
  }
  return found;
};

/**
 * A month of what a template has and does.
 * @throws {UnknownCost} where the template has a resource that nobody has priced.
 */
export const estimateCost = (resources: readonly TemplateResource[], load: Load): Estimate => {
  const shape = shapeOf(resources);
  const standing = standingQuantities(resources);
  const idle = sums([...standing, ...usedQuantities(shape, { ...load, callsPerDay: 0 })]);
  const busy = sums([...standing, ...usedQuantities(shape, load)]);
  const lines = [...busy].flatMap(([key, { price, what, amount }]): CostLine[] => {
    const without = idle.get(key)?.amount ?? 0;
    const fixed = inBoth((region) => usd(price, without, region));
    const calls = inBoth((region) => usd(price, amount - without, region));
    if (amount === 0 && without === 0) return [];
    return [{ service: priceOf(price).service, what, unit: priceOf(price).unit, amount, fixed, calls }];
  });
  const used = new Map<PriceName, number>();
  for (const { price, amount } of busy.values()) used.set(price, amount + (used.get(price) ?? 0));
  const total = (part: 'fixed' | 'calls') =>
    inBoth((region) => lines.reduce((sum, line) => sum + line[part][region], 0));
  return {
    lines: lines.sort((a, b) => (a.service < b.service ? -1 : a.service > b.service ? 1 : 0)),
    fixed: total('fixed'),
    calls: total('calls'),
    allowances: inBoth((region) =>
      [...used].reduce(
        (sum, [price, amount]) => sum + usd(price, Math.min(amount, priceOf(price).free ?? 0), region),
        0,
      ),
    ),
  };
};
