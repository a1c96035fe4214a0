import Type, { type Static } from 'typebox';
import { PERSON_KINDS } from '../kernel/events';
import { Personal, personalKind } from '../kernel/personal-data/personal';

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength });

/** Someone who shops: an account, or a guest with a token. */
export const Shopper = Type.Object(
  { kind: Type.Enum([...PERSON_KINDS]), id: Type.String() },
  { additionalProperties: false },
);
export type Shopper = Static<typeof Shopper>;

/** Who receives a parcel, and where. */
export const recipient = personalKind(
  'Recipient',
  Type.Object(
    {
      name: text(200),
      street: text(200),
      street2: Type.Optional(text(200)),
      city: text(200),
      region: Type.Optional(text(200)),
    },
    { additionalProperties: false },
  ),
);

/** How to reach the buyer about an order. */
export const contact = personalKind(
  'Contact',
  Type.Object({ email: text(320), phone: Type.Optional(text(40)) }, { additionalProperties: false }),
);

/** Where an order goes: tax needs country and postcode, so they are not sealed. */
export const DeliverTo = Type.Object(
  {
    /** ISO 3166-1 alpha-2. */
    country: Type.String({ pattern: '^[A-Z]{2}$' }),
    postcode: text(20),
    to: Personal(recipient),
  },
  { additionalProperties: false },
);
export type DeliverTo = Static<typeof DeliverTo>;

export const Contact = Personal(contact);
export type Contact = Static<typeof Contact>;

/** How a buyer pays: the gateway's own reference to a card or an account, never its number. */
export const PaymentMethod = Type.Object({ gateway: text(40), token: text(200) }, { additionalProperties: false });
export type PaymentMethod = Static<typeof PaymentMethod>;
