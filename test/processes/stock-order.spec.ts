import { inStockOrder, unreserved } from '#src/processes/stock-order';
import { eur, lineOf, offerOf } from '../support/shop';

const [lamp, mug, pot, tea] = ['lamp', 'mug', 'pot', 'tea'].map((name) => lineOf(offerOf(name, eur(1)), 2)) as [
  ReturnType<typeof lineOf>,
  ReturnType<typeof lineOf>,
  ReturnType<typeof lineOf>,
  ReturnType<typeof lineOf>,
];
const short = ({ lineId, variantId }: typeof mug) => ({ lineId, variantId, available: 1 });
const asked = ({ lineId, variantId, quantity }: typeof mug) => ({ lineId, variantId, quantity });

it('lines are reserved in the order of their variants, whatever that of the cart', () => {
  for (const lines of [
    [tea, mug, lamp, pot],
    [pot, lamp, tea, mug],
    [lamp, mug, pot, tea],
  ])
    expect(inStockOrder(lines)).toEqual([lamp, mug, pot, tea]);
});

it('nobody has asked for what comes after the last line that was missing', () => {
  const lines = [tea, mug, lamp, pot];
  expect(unreserved(lines, [short(mug)])).toEqual([asked(pot), asked(tea)]);
  expect(unreserved(lines, [short(lamp), short(pot)])).toEqual([asked(tea)]);
  expect(unreserved(lines, [short(tea)])).toEqual([]);
});
