export interface VariantOwner {
  readonly sellerId: string;
  /** False: the product has no such variant (any more). */
  readonly hasVariant: boolean;
}

export interface ListedVariant extends VariantOwner {
  /** The variant is there, and its product is published. */
  readonly isForSale: boolean;
}

/** Whose a product is, for those who keep something of a seller's: at most a second old. */
export abstract class ProductOwners {
  /** null: there is no such product. */
  abstract find(productId: string, variantId: string): Promise<ListedVariant | null>;
}
