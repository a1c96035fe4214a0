import type { Instant } from '../kernel/instant';
import type { ItemImage, ItemOptions } from './lines';
import type { Price } from './money';

/** A variant as it is for sale now. */
export interface Offer {
  readonly productId: string;
  readonly variantId: string;
  readonly sellerId: string;
  readonly sku: string;
  readonly name: string;
  /** Absent only where an offer is read back from a line of the first release. */
  readonly options?: ItemOptions;
  readonly image?: ItemImage;
  readonly taxClass: string;
  readonly productRevision: number;
  readonly prices: readonly Price[];
}

/** The catalogue as buying sees it: from the product itself and never from a read model. */
export abstract class Offers {
  /** At most `maxAgeMs` old (a second where it is not said). null: there is no such variant now, or it is not for sale. */
  abstract find(productId: string, variantId: string, maxAgeMs?: number): Promise<Offer | null>;

  /** As it was for sale then. */
  abstract findAsOf(productId: string, variantId: string, instant: Instant): Promise<Offer | null>;
}
