import type { Line } from '../words/lines';
import type { MissingLine } from '../words/orders';

/** Always in the same order, so that two orders of the same things never wait for each other. An order has no variant twice. */
export const inStockOrder = (lines: readonly Line[]): Line[] =>
  [...lines].sort((a, b) => (a.variantId < b.variantId ? -1 : 1));

/** Lines that come after the ones that were missing: nobody has asked for their stock. */
export function unreserved(lines: readonly Line[], missing: readonly MissingLine[]) {
  const inOrder = inStockOrder(lines);
  const last = inOrder.findLastIndex(({ lineId }) => missing.some((line) => line.lineId === lineId));
  return inOrder.slice(last + 1).map(({ lineId, variantId, quantity }) => ({ lineId, variantId, quantity }));
}
