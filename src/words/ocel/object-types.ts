/** Types of attributes, as OCEL names them; it knows others, which nothing here needs. */
export type AttributeType = 'string' | 'integer';

/** Every type of object, and its attributes; each may change with time. Amounts are in minor units (cents). */
export const OBJECT_TYPES = {
  /** From the checkout of its cart on. Status: received, placed, confirmed, rejected, cancelling, cancelled. */
  order: {
    status: 'string',
    orderNumber: 'string',
    currency: 'string',
    itemsMinor: 'integer',
    totalMinor: 'integer',
    lines: 'integer',
    units: 'integer',
    country: 'string',
  },
  /** One per buyer and generation: what comes to one order, or to none. Status: open, checked out, closed. */
  cart: { status: 'string', generation: 'integer' },
  /** Status: requested, unknown, captured, declined, voided, refunding, refunded. */
  payment: { status: 'string', amountMinor: 'integer', currency: 'string', gateway: 'string' },
  /** Status: draft, published, archived. Category: from the widest to the narrowest, with `/` between them. */
  product: { status: 'string', name: 'string', brand: 'string', category: 'string' },
  /** What is bought of a product, and how much of it is there. The price is the first of its prices. */
  variant: {
    sku: 'string',
    priceMinor: 'integer',
    currency: 'string',
    onHand: 'integer',
    reserved: 'integer',
    available: 'integer',
  },
  /** Units of a variant that are kept for an order. Status: reserved, confirmed, released, committed. */
  reservation: { status: 'string', units: 'integer' },
  /** A pseudonym: the id of an account or of a guest. Kind: account, guest. */
  customer: { kind: 'string' },
  /** A pseudonym: the id of an account. */
  seller: {},
} as const satisfies Readonly<Record<string, Readonly<Record<string, AttributeType>>>>;

export type ObjectType = keyof typeof OBJECT_TYPES;

export const objectTypes = Object.keys(OBJECT_TYPES).sort() as ObjectType[];

type ValueOf<T> = T extends 'integer' ? number : string;

/** Some attributes of an object. */
export type Facts<T extends ObjectType = ObjectType> = {
  readonly [A in keyof (typeof OBJECT_TYPES)[T]]?: ValueOf<(typeof OBJECT_TYPES)[T][A]> | undefined;
};
