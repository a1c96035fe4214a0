import { stockLevels } from '#projections/stock-levels/stock-levels.projection';
import { project } from '../support/given-projection';

const of = { variantId: 'red-mug', productId: 'mug', locationId: 'default' };
const order = { reservationId: 'r', orderId: 'o', quantity: 3 };

const received = (quantity: number) => ({ type: 'StockReceived', data: { ...of, quantity } });
const adjusted = (delta: number) => ({ type: 'StockAdjusted', data: { ...of, delta, reason: 'counted' } });
const reserved = { type: 'StockReserved', data: { ...of, ...order, expiresAt: '2026-06-01T12:15:00.000Z' } };
const released = { type: 'StockReleased', data: { ...of, ...order, reason: 'cancelled' } };
const committed = { type: 'StockCommitted', data: { ...of, ...order } };

const level = (onHand: number, reserved: number) => ({
  variantId: 'red-mug',
  productId: 'mug',
  onHand,
  reserved,
  available: onHand - reserved,
});

describe('the stock level of a variant', () => {
  it('follows what comes in and what is corrected', () => {
    project(stockLevels).given(received(5)).expect('red-mug', level(5, 0));
    project(stockLevels).given(received(5), received(2), adjusted(-4)).expect('red-mug', level(3, 0));
    project(stockLevels).given(adjusted(2)).expect('red-mug', level(2, 0));
  });

  it('tells what is reserved from what is available', () => {
    project(stockLevels).given(received(5), reserved).expect('red-mug', level(5, 3));
    project(stockLevels).given(received(5), reserved, released).expect('red-mug', level(5, 0));
  });

  it('is lower when the units have left the shop', () => {
    project(stockLevels).given(received(5), reserved, committed).expect('red-mug', level(2, 0));
  });

  it('is kept per variant', () => {
    const blue = { type: 'StockReceived', data: { ...of, variantId: 'blue-mug', quantity: 1 } };
    project(stockLevels).given(received(5), blue).expectKeys('blue-mug', 'red-mug').expect('red-mug', level(5, 0));
  });
});
