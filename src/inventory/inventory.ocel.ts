import type { StockEvent } from './inventory.events';
import {
  type EventMappings,
  idOf,
  integer,
  type Moved,
  named,
  type Named,
  type Relation,
  text,
} from '../words/ocel/event-mapping';
import type { Facts } from '../words/ocel/object-types';

interface OfStock {
  readonly data: { readonly variantId: string; readonly productId: string };
}

interface OfReservation {
  readonly data: OfStock['data'] & { readonly reservationId: string; readonly orderId: string };
}

const NOTHING: Moved = { onHand: 0, reserved: 0 };

const stock = ({ data }: OfStock, qualifier: string, moved: Partial<Moved>): Named[] => [
  { ...named('variant', data.variantId, qualifier), moved: { ...NOTHING, ...moved } },
  named('product', data.productId, 'of'),
];

const reservation = ({ data }: OfReservation, qualifier: string, facts: Facts<'reservation'>): Named[] => [
  named('reservation', data.reservationId, qualifier, facts),
  named('order', data.orderId, 'for'),
];

const ofProduct = ({ data }: OfStock): Relation[] => [
  [idOf('variant', data.variantId), 'variant of', idOf('product', data.productId)],
];

const ofOrder = (event: OfReservation): Relation[] => {
  const { reservationId, orderId, variantId } = event.data;
  return [
    ...ofProduct(event),
    [idOf('order', orderId), 'reserves', idOf('reservation', reservationId)],
    [idOf('reservation', reservationId), 'units of', idOf('variant', variantId)],
  ];
};

/** Of every event: where the units are. */
const location = text(({ locationId }: { locationId: string }) => locationId);
const quantity = integer((data: { quantity: number }) => data.quantity);

export const stockMappings: EventMappings<StockEvent> = {
  StockReceived: {
    attributes: { quantity, location },
    objects: (event) => stock(event, 'received', { onHand: event.data.quantity }),
    relations: ofProduct,
  },
  /** The note is free text, in which somebody may have written about a person. */
  StockAdjusted: {
    attributes: { delta: integer(({ delta }) => delta), reason: text(({ reason }) => reason), location },
    objects: (event) => stock(event, 'adjusted', { onHand: event.data.delta }),
    relations: ofProduct,
  },
  StockReserved: {
    attributes: { quantity, location },
    objects: (event) => [
      ...stock(event, 'reserved', { reserved: event.data.quantity }),
      ...reservation(event, 'made', { status: 'reserved', units: event.data.quantity }),
    ],
    relations: ofOrder,
  },
  StockReservationConfirmed: {
    attributes: { location },
    objects: (event) => [...stock(event, 'kept', {}), ...reservation(event, 'confirmed', { status: 'confirmed' })],
    relations: ofOrder,
  },
  StockReleased: {
    attributes: { quantity, reason: text(({ reason }) => reason), location },
    objects: (event) => [
      ...stock(event, 'freed', { reserved: -event.data.quantity }),
      ...reservation(event, 'released', { status: 'released' }),
    ],
    relations: ofOrder,
  },
  StockCommitted: {
    attributes: { quantity, location },
    objects: (event) => [
      ...stock(event, 'handed over', { onHand: -event.data.quantity, reserved: -event.data.quantity }),
      ...reservation(event, 'used', { status: 'committed' }),
    ],
    relations: ofOrder,
  },
};
