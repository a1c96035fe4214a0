import { product } from '../catalog/product';
import {
  adjustStock,
  commitStock,
  confirmReservation,
  receiveStock,
  releaseStock,
  type Reserve,
  type Reserved,
  reserveStock,
  stock,
  type Mover,
  type Stock,
  type VariantOfProduct,
} from '../inventory/stock';
import { askedAs } from './asker';
import { type Decision, decisionsOf, type Taken } from './decision';

const decision = decisionsOf(stock);

/** Whose the product was, and whether whoever moved the stock did so as its seller. */
function moverIn({ productId, variantId }: VariantOfProduct, { stateOf, actor }: Taken<Stock>): Mover {
  const state = stateOf(product, productId);
  if (state.status === 'none') return { owner: null };
  const { sellerId, variants } = state;
  const hasVariant = variants.some((variant) => variant.variantId === variantId);
  return { owner: { sellerId, hasVariant }, ...askedAs(actor, sellerId) };
}

const ofReservation = ({ variantId, orderId, reservationId }: Reserved): Reserved => ({
  variantId,
  orderId,
  reservationId,
});

const toVariant = ({ variantId }: { variantId: string }): string => variantId;

export const inventoryDecisions: readonly Decision[] = [
  decision({
    name: 'stock.receive',
    decide: receiveStock,
    shown: {
      by: 'StockReceived',
      input: ({ locationId, ...moved }, taken) => ({ ...moved, ...moverIn(moved, taken) }),
    },
    reads: [product.name],
  }),
  decision({
    name: 'stock.adjust',
    decide: adjustStock,
    shown: {
      by: 'StockAdjusted',
      input: ({ locationId, ...moved }, taken) => ({ ...moved, ...moverIn(moved, taken) }),
    },
    reads: [product.name],
  }),
  decision({
    name: 'stock.reserve',
    decide: reserveStock,
    shown: { by: 'StockReserved', input: ({ locationId, ...reservation }, { at }) => ({ ...reservation, now: at }) },
    issued: {
      as: 'ReserveStock',
      to: toVariant,
      input: (data: Omit<Reserve, 'now'>, at) => ({ ...data, now: at }),
    },
  }),
  decision({
    name: 'stock.confirmReservation',
    decide: confirmReservation,
    shown: { by: 'StockReservationConfirmed', input: ofReservation },
    issued: { as: 'ConfirmReservation', to: toVariant, input: (data: Reserved) => data },
  }),
  decision({
    name: 'stock.release',
    decide: releaseStock,
    shown: { by: 'StockReleased', input: (data) => ({ ...ofReservation(data), reason: data.reason }) },
    issued: { as: 'ReleaseStock', to: toVariant, input: (data: Reserved & { reason: string }) => data },
  }),
  decision({
    name: 'stock.commit',
    decide: commitStock,
    shown: { by: 'StockCommitted', input: ofReservation },
    issued: { as: 'CommitStock', to: toVariant, input: (data: Reserved) => data },
  }),
];
