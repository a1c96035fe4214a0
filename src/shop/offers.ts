import type { Price } from './money';

/** A variant as it is for sale now. */
export interface Offer {
  readonly productId: string;
  readonly variantId: string;
  readonly sellerId: string;
  readonly sku: string;
  readonly name: string;
  readonly taxClass: string;
  readonly productRevision: number;
  readonly prices: readonly Price[];
}

/** The catalogue as buying sees it: at most a second old, from the product itself and never from a read model. */
export abstract class Offers {
  /** null: there is no such variant, or it is not for sale. */
  abstract find(productId: string, variantId: string): Promise<Offer | null>;
}
