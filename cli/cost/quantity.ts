import type { PriceName } from './prices.ts';

/** So many units a month of something that has a price. */
export interface Quantity {
  readonly price: PriceName;
  readonly amount: number;
  /** What it is for, in a few words. */
  readonly what: string;
}
