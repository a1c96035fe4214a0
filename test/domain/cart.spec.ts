import fc from 'fast-check';
import {
  addItem,
  cart,
  cartView,
  changeQuantity,
  checkOut,
  clear,
  closeGuestCart,
  hadNothing,
  MAX_LINES,
  MAX_LINES_BYTES,
  MAX_NOT_ADDED,
  MAX_QUANTITY,
  MAX_SETTLED,
  mergeGuestCart,
  removeItem,
  reopen,
  type Cart,
  type CheckOut,
} from '#src/cart/cart';
import type { CartEvent } from '#src/cart/cart.events';
import { priced, quotedText, type PricedCart } from '#src/cart/priced-cart';
import { totalsOf, type Line } from '#src/words/lines';
import { given, stateOf } from '../support/given';
import { eur, lineOf, offerOf } from '../support/shop';

const mug = offerOf('mug', eur(1_200));
const tea = offerOf('tea', eur(450));
const lamp = offerOf('lamp', { currency: 'USD', amountMinor: 9_900, taxIncluded: false });

const itemAdded = (line: Line): CartEvent => ({ type: 'ItemAddedToCart', data: { line } });
const quantityChanged = (line: Line, quantity: number): CartEvent => ({
  type: 'CartItemQuantityChanged',
  data: { lineId: line.lineId, variantId: line.variantId, quantity },
});
const closed = (...lines: Line[]): CartEvent => ({ type: 'GuestCartClosed', data: { accountId: 'ann', lines } });

const add = (offer: typeof mug, quantity: number, currency?: string) => (c: Cart) =>
  addItem(c, { lineId: `line-of-${offer.variantId}`, offer, quantity, ...(currency ? { currency } : {}) });

const aMug = lineOf(mug, 1);
const aTea = lineOf(tea, 2);
const notMerged: CartEvent = {
  type: 'GuestCartMerged',
  data: { guestId: 'guest', lines: [], notAdded: [{ line: lineOf(lamp, 1), reason: 'currency-differs' }] },
};

describe('adding an item', () => {
  it('adds a line at the price of now', () =>
    given(cart)
      .when(add(mug, 2))
      .then(itemAdded(lineOf(mug, 2))));

  it('raises the quantity of a line that has the variant already, whose price stays', () =>
    given(cart, itemAdded(aMug))
      .when(add({ ...mug, prices: [eur(1)] }, 2))
      .then(quantityChanged(aMug, 3)));

  it('takes the currency that is asked for, and keeps to it', () => {
    const both = offerOf('pot', [eur(2_000), { currency: 'USD', amountMinor: 2_200, taxIncluded: false }]);
    given(cart)
      .when(add(both, 1, 'USD'))
      .leavesState(({ lines }) => expect(lines[0]?.unitPrice.amountMinor).toBe(2_200));
    given(cart, itemAdded(aMug))
      .when(add(both, 1, 'USD'))
      .leavesState(({ lines }) => expect(lines[1]?.unitPrice).toEqual(eur(2_000)));
  });

  it('refuses an item that is not sold in the currency of the cart', () =>
    given(cart, itemAdded(aMug))
      .when(add(lamp, 1))
      .rejects('cart-currency-differs', { cart: 'EUR', item: ['USD'] }));

  it('refuses more of one item, and more lines, than a cart holds', () => {
    given(cart, itemAdded(lineOf(mug, MAX_QUANTITY)))
      .when(add(mug, 1))
      .rejects('quantity-too-large', { most: MAX_QUANTITY });
    const full = Array.from({ length: MAX_LINES }, (_, n) => itemAdded(lineOf(offerOf(`item-${n}`, eur(1)), 1)));
    given(cart, ...full)
      .when(add(mug, 1))
      .rejects('cart-full', { most: MAX_LINES });
  });

  it('takes as many of one item, and as many lines, as a cart holds, and goes on with a line of a full cart', () => {
    given(cart)
      .when(add(mug, MAX_QUANTITY))
      .then(itemAdded(lineOf(mug, MAX_QUANTITY)));
    given(cart)
      .when(add(mug, MAX_QUANTITY + 1))
      .rejects('quantity-too-large', { most: MAX_QUANTITY });
    const others = Array.from({ length: MAX_LINES - 1 }, (_, n) => itemAdded(lineOf(offerOf(`item-${n}`, eur(1)), 1)));
    given(cart, ...others)
      .when(add(mug, 1))
      .then(itemAdded(aMug));
    given(cart, ...others, itemAdded(aMug))
      .when(add(mug, 1))
      .then(quantityChanged(aMug, 2));
  });

  it('refuses an item without any price in the currency that is asked for', () => {
    given(cart)
      .when(add(mug, 1, 'USD'))
      .rejects('cart-currency-differs', { cart: 'USD', item: ['EUR'] });
    given(cart)
      .when(add(offerOf('gift', []), 1))
      .rejects('cart-currency-differs', { item: [] });
  });
});

it.each<[string, (c: Cart) => CartEvent[]]>([
  ['adding', add(mug, 1)],
  ['changing a quantity', (c) => changeQuantity(c, { lineId: aMug.lineId, quantity: 5 })],
  ['removing', (c) => removeItem(c, { lineId: aMug.lineId })],
  ['clearing', clear],
])('a guest who has logged in is refused %s, and told whose the cart is now', (_, decide) =>
  given(cart, itemAdded(aMug), closed(aMug)).when(decide).rejects('guest-token-used', { accountId: 'ann' }),
);

describe('changing the cart', () => {
  it('changes a quantity', () =>
    given(cart, itemAdded(aMug))
      .when((c) => changeQuantity(c, { lineId: aMug.lineId, quantity: 5 }))
      .then(quantityChanged(aMug, 5)));

  it('has nothing to do for the quantity that is there already', () =>
    given(cart, itemAdded(aMug))
      .when((c) => changeQuantity(c, { lineId: aMug.lineId, quantity: 1 }))
      .thenNothing());

  it('does not know a line that is not there', () =>
    given(cart)
      .when((c) => changeQuantity(c, { lineId: 'x', quantity: 1 }))
      .rejects('cart-line-not-found', { lineId: 'x' }));

  it('removes a line, once', () => {
    const removed: CartEvent = { type: 'ItemRemovedFromCart', data: { lineId: aMug.lineId, variantId: 'mug' } };
    given(cart, itemAdded(aMug))
      .when((c) => removeItem(c, aMug))
      .then(removed);
    given(cart, itemAdded(aMug), removed)
      .when((c) => removeItem(c, aMug))
      .thenNothing();
  });

  it('changes and removes the line that is meant, and no other', () => {
    const removed: CartEvent = { type: 'ItemRemovedFromCart', data: { lineId: aTea.lineId, variantId: 'tea' } };
    given(cart, itemAdded(aMug), itemAdded(aTea))
      .when((c) => changeQuantity(c, { lineId: aTea.lineId, quantity: 5 }))
      .leavesState(({ lines }) => expect(lines).toEqual([aMug, { ...aTea, quantity: 5 }]));
    given(cart, itemAdded(aMug), itemAdded(aTea))
      .when((c) => removeItem(c, aTea))
      .then(removed);
    expect(stateOf(cart, [itemAdded(aMug), itemAdded(aTea), removed]).lines).toEqual([aMug]);
    given(cart, itemAdded(aMug))
      .when((c) => changeQuantity(c, { lineId: aMug.lineId, quantity: MAX_QUANTITY + 1 }))
      .rejects('quantity-too-large', { most: MAX_QUANTITY });
  });

  it('clears what there is, also what could not be added', () => {
    const cleared: CartEvent = { type: 'CartCleared', data: {} };
    given(cart, itemAdded(aMug)).when(clear).then(cleared);
    given(cart).when(clear).thenNothing();
    given(cart, notMerged).when(clear).then(cleared);
    expect(stateOf(cart, [itemAdded(aMug), notMerged, cleared])).toEqual({
      generation: 1,
      lines: [],
      notAdded: [],
      settled: ['guest'],
    });
  });
});

describe('checking out', () => {
  const sealed = { v: 1, subject: 'guest', purpose: 'order:guest/1', iv: '', ct: '' } as const;
  const order = {
    customer: { kind: 'guest', id: 'guest' },
    deliverTo: { country: 'DE', postcode: '10115', to: { ...sealed, kind: 'Recipient' } },
    contact: { ...sealed, kind: 'Contact' },
    payment: { gateway: 'test', token: 'card' },
  } as const;
  const quoteFor = (cart: PricedCart) => `${cart.generation}.${quotedText('guest', cart)}`;
  const offers = new Map([mug, tea].map((offer) => [offer.variantId, offer]));
  const orderOf = (generation: number) => `order-${generation}`;
  const withQuote =
    (quote: string, now: CheckOut['offers'] = offers) =>
    (c: Cart) =>
      checkOut(c, { ...order, quote, quoteFor, offers: now, orderOf });
  const quoteOf = (...events: CartEvent[]) => quoteFor(priced(stateOf(cart, events), offers));
  const dearerMug = { ...mug, prices: [eur(1_500)], productRevision: 7 };

  const checkedOut: CartEvent = {
    type: 'CartCheckedOut',
    data: { ...order, generation: 1, orderId: 'order-1', lines: [aMug, aTea], totals: totalsOf([aMug, aTea], 'EUR') },
  };

  it('orders what the quote says, at the prices of the quote', () =>
    given(cart, itemAdded(aMug), itemAdded(aTea))
      .when(withQuote(quoteOf(itemAdded(aMug), itemAdded(aTea))))
      .then(checkedOut));

  it('empties the cart and opens the next generation', () =>
    given(cart, itemAdded(aMug))
      .when(withQuote(quoteOf(itemAdded(aMug))))
      .leavesState((c) => expect(c).toMatchObject({ generation: 2, lines: [] })));

  it('leaves nothing to be shown of what could not be added', () =>
    expect(stateOf(cart, [notMerged, checkedOut])).toEqual({
      generation: 2,
      lines: [],
      notAdded: [],
      settled: ['guest'],
    }));

  it('is refused a guest who has logged in', () =>
    given(cart, closed(aMug)).when(withQuote('1.x')).rejects('guest-token-used', { accountId: 'ann' }));

  it('takes a quote that names no generation of the past as one of now', () => {
    given(cart, itemAdded(aMug), checkedOut, itemAdded(aMug)).when(withQuote('0.x')).rejects('price-changed');
    given(cart, itemAdded(aMug), checkedOut, itemAdded(aMug)).when(withQuote('2.x')).rejects('price-changed');
    given(cart, itemAdded(aMug), checkedOut).when(withQuote('nonsense')).rejects('cart-empty');
  });

  it('prices by the offers of now, in the currency of the cart, and says what is not for sale', () => {
    const inUsd = { ...tea, prices: [{ currency: 'USD', amountMinor: 500, taxIncluded: false }] };
    const now = new Map([dearerMug, inUsd].map((offer) => [offer.variantId, offer]));
    const dearer = { ...aMug, unitPrice: eur(1_500), productRevision: 7 };
    expect(priced(stateOf(cart, [itemAdded(aMug), itemAdded(aTea)]), now)).toEqual({
      generation: 1,
      lines: [dearer, aTea],
      toPay: totalsOf([dearer], 'EUR'),
      priceChanges: [{ lineId: aMug.lineId, before: eur(1_200), now: eur(1_500) }],
      itemChanges: [],
      notForSale: [aTea.lineId],
    });
    expect(priced(cart.initial, now)).toEqual({
      generation: 1,
      lines: [],
      toPay: null,
      priceChanges: [],
      itemChanges: [],
      notForSale: [],
    });
    expect(priced(stateOf(cart, [itemAdded(aMug)]), new Map())).toMatchObject({ lines: [aMug], toPay: null });
  });

  it('shows items as they are for sale now, and what about them has changed', () => {
    const blue = {
      ...mug,
      name: 'Plastic mug',
      sku: 'MUG-BLUE',
      options: { colour: 'blue' },
      image: { url: 'https://a.example/blue.jpg' },
      productRevision: 4,
    };
    const was = { ...aMug, options: { colour: 'red' } };
    const state = stateOf(cart, [itemAdded(was)]);
    const { lines, itemChanges } = priced(state, new Map([['mug', blue]]));
    expect(lines).toStrictEqual([lineOf(blue, 1)]);
    const { name, sku, options, image } = blue;
    expect(itemChanges).toStrictEqual([
      {
        lineId: was.lineId,
        before: { name: 'mug', sku: 'MUG', options: { colour: 'red' }, image: null },
        now: { name, sku, options, image },
      },
    ]);
    const changeOf = (then: Line, now: typeof mug) =>
      priced(stateOf(cart, [itemAdded(then)]), new Map([['mug', now]])).itemChanges;
    expect(changeOf(lineOf(blue, 1), { ...blue, taxClass: 'reduced' })).toStrictEqual([
      { lineId: was.lineId, before: { taxClass: 'standard' }, now: { taxClass: 'reduced' } },
    ]);
    const told = { ...mug, options: { colour: 'red', size: 'L' } };
    expect(changeOf(lineOf(told, 1), { ...told, options: { size: 'L', colour: 'red' } })).toEqual([]);
    expect(changeOf(lineOf({ ...told, image }, 1), told)).toMatchObject([{ before: { image }, now: { image: null } }]);
  });

  it('says of a line of the first release, which kept no options, nothing that is not known', () => {
    const now = new Map([['mug', { ...mug, options: { colour: 'red' }, image: { url: 'https://a.example/red.jpg' } }]]);
    const { lines, itemChanges } = priced(stateOf(cart, [itemAdded(aMug)]), now);
    expect(lines).toMatchObject([{ options: { colour: 'red' }, image: { url: 'https://a.example/red.jpg' } }]);
    expect(itemChanges).toEqual([]);
  });

  it('charges for what can be bought, and for nothing else', () => {
    const state = stateOf(cart, [itemAdded(aMug), itemAdded(aTea)]);
    expect(priced(state, new Map([['mug', mug]])).toPay).toEqual(totalsOf([aMug], 'EUR'));
    expect(priced(state, offers).toPay).toEqual(totalsOf([aMug, aTea], 'EUR'));
  });

  it('quotes everything that decides what is charged, and what is told of what will be delivered', () => {
    expect(quotedText('guest', priced(cart.initial, offers))).toBe('["guest",1,[],null]');
    expect(quotedText('guest', priced(stateOf(cart, [itemAdded(aMug), itemAdded(aTea)]), offers))).toBe(
      '["guest",1,[["line-of-mug","mug",1,1200,true,"standard","mug","MUG",[],null],["line-of-tea","tea",2,450,true,"standard","tea","TEA",[],null]],["EUR",0,0,0,2100]]',
    );
    const told = { ...mug, options: { size: 'L', colour: 'red' }, image: { url: 'https://a.example/1', alt: 'A mug' } };
    const textOf = (offer: typeof mug) =>
      quotedText('guest', priced(stateOf(cart, [itemAdded(aMug)]), new Map([['mug', offer]])));
    expect(textOf(told)).toContain('"mug","MUG",[["colour","red"],["size","L"]],["https://a.example/1","A mug"]]');
    expect(textOf({ ...told, options: { colour: 'red', size: 'L' } })).toBe(textOf(told));
    const others: Partial<typeof told>[] = [
      { name: 'Plastic mug' },
      { sku: 'MUG-2' },
      { options: { colour: 'blue', size: 'L' } },
      { image: { url: 'https://a.example/2', alt: 'A mug' } },
      { image: { url: 'https://a.example/1', alt: 'A jug' } },
      { taxClass: 'reduced' },
      { prices: [eur(1_201)] },
    ];
    for (const other of others) expect(textOf({ ...told, ...other })).not.toBe(textOf(told));
  });

  it('tells a second tab which order the first one made', () =>
    given(cart, itemAdded(aMug), itemAdded(aTea), checkedOut, itemAdded(aMug))
      .when(withQuote(quoteOf(itemAdded(aMug), itemAdded(aTea))))
      .rejects('cart-already-checked-out', { orderId: 'order-1' }));

  it('never charges another price than the quoted one: it answers the new quote and the differences', () => {
    const now = new Map(offers).set('mug', dearerMug);
    const newQuote = quoteFor(priced(stateOf(cart, [itemAdded(aMug)]), now));
    given(cart, itemAdded(aMug))
      .when(withQuote(quoteOf(itemAdded(aMug)), now))
      .rejects('price-changed', {
        quote: newQuote,
        totals: totalsOf([{ ...aMug, unitPrice: eur(1_500) }], 'EUR'),
        priceChanges: [{ lineId: aMug.lineId, before: eur(1_200), now: eur(1_500) }],
      });
  });

  it('never delivers another thing than the quoted one: it answers the new quote and the differences', () => {
    const now = new Map(offers).set('mug', { ...mug, name: 'Plastic mug' });
    const newQuote = quoteFor(priced(stateOf(cart, [itemAdded(aMug)]), now));
    given(cart, itemAdded(aMug))
      .when(withQuote(quoteOf(itemAdded(aMug)), now))
      .rejects('price-changed', {
        quote: newQuote,
        priceChanges: [],
        itemChanges: [{ lineId: aMug.lineId, before: { name: 'mug' }, now: { name: 'Plastic mug' } }],
      });
    given(cart, itemAdded(aMug))
      .when(withQuote(newQuote, now))
      .leavesState((c) => expect(c.generation).toBe(2));
  });

  it('tells who orders by an old quote what is in the cart now, also when another tab has put it there', () => {
    const newQuote = quoteOf(itemAdded(aMug), itemAdded(aTea));
    given(cart, itemAdded(aMug), itemAdded(aTea))
      .when(withQuote(quoteOf(itemAdded(aMug))))
      .rejects('price-changed', { quote: newQuote, lines: [aMug, aTea], priceChanges: [], itemChanges: [] });
  });

  it('needs a means of payment where something is to be paid, and keeps none where nothing is', () => {
    const { payment, ...unpaid } = order;
    const gift = offerOf('gift', eur(0));
    const free = new Map([['gift', gift]]);
    const aGift = lineOf(gift, 1);
    const pays = (now: CheckOut['offers'], how: Partial<CheckOut>) => (c: Cart) =>
      checkOut(c, { ...unpaid, ...how, quote: quoteFor(priced(c, now)), quoteFor, offers: now, orderOf });
    given(cart, itemAdded(aMug))
      .when(pays(offers, {}))
      .rejects('payment-method-missing', { errors: [{ pointer: '/payment' }] });
    for (const how of [{}, { payment }])
      given(cart, itemAdded(aGift))
        .when(pays(free, how))
        .then({
          type: 'CartCheckedOut',
          data: { ...unpaid, generation: 1, orderId: 'order-1', lines: [aGift], totals: totalsOf([aGift], 'EUR') },
        });
  });

  it('charges the new price when the buyer sends the new quote', () => {
    const now = new Map(offers).set('mug', dearerMug);
    const newQuote = quoteFor(priced(stateOf(cart, [itemAdded(aMug)]), now));
    const [event] = withQuote(newQuote, now)(stateOf(cart, [itemAdded(aMug)]));
    expect(event?.data).toMatchObject({
      lines: [{ unitPrice: eur(1_500), productRevision: 7 }],
      totals: { totalMinor: 1_500 },
    });
  });

  it('refuses an empty cart, an item that is not for sale any more, and a quote of another cart', () => {
    given(cart).when(withQuote('1.x')).rejects('cart-empty');
    given(cart, itemAdded(aMug))
      .when(withQuote('1.x', new Map()))
      .rejects('item-not-available', { lineIds: [aMug.lineId] });
    given(cart, itemAdded(aMug)).when(withQuote('1.forged')).rejects('price-changed');
  });

  it('gives the lines of a rejected order back, once, beside what came into the cart since', () => {
    const reopened: CartEvent = {
      type: 'CartReopened',
      data: { orderId: 'order-1', lines: [{ ...aMug, quantity: 2 }, aTea], notAdded: [] },
    };
    const back = (c: Cart) => reopen(c, { orderId: 'order-1', lines: [aMug, aTea] });
    given(cart, itemAdded(aMug), itemAdded(aTea), checkedOut, itemAdded(aMug)).when(back).then(reopened);
    given(cart, itemAdded(aMug), itemAdded(aTea), checkedOut, itemAdded(aMug), reopened).when(back).thenNothing();
  });
});

describe('logging in', () => {
  it('closes the cart of the guest, once', () => {
    given(cart, itemAdded(aMug))
      .when((c) => closeGuestCart(c, { accountId: 'ann' }))
      .then(closed(aMug));
    given(cart, closed(aMug))
      .when((c) => closeGuestCart(c, { accountId: 'ann' }))
      .thenNothing();
    given(cart, closed(aMug))
      .when((c) => closeGuestCart(c, { accountId: 'bob' }))
      .rejects('guest-token-used');
  });

  it('names the account to whoever wants to give lines back to a closed cart', () =>
    given(cart, closed())
      .when((c) => reopen(c, { orderId: 'o', lines: [aMug] }))
      .rejects('guest-token-used', { accountId: 'ann' }));

  it('adds equal variants up, takes each guest over once, and shows what could not be added', () => {
    const lampLine = lineOf(lamp, 1);
    const many = lineOf(tea, MAX_QUANTITY);
    const merged: CartEvent = {
      type: 'GuestCartMerged',
      data: {
        guestId: 'guest',
        lines: [{ ...aMug, quantity: 4 }, many],
        notAdded: [
          { line: lampLine, reason: 'currency-differs' },
          { line: { ...aTea, quantity: 2 }, reason: 'quantity-capped' },
        ],
      },
    };
    const mergeIt = (c: Cart) => mergeGuestCart(c, { guestId: 'guest', lines: [lineOf(mug, 3), lampLine, aTea] });
    given(cart, itemAdded(aMug), itemAdded(many)).when(mergeIt).then(merged);
    given(cart, itemAdded(aMug), itemAdded(many), merged).when(mergeIt).thenNothing();
  });
});

describe('what comes into a cart from elsewhere', () => {
  const bring = (lines: readonly Line[]) => (c: Cart) => mergeGuestCart(c, { guestId: 'guest', lines });
  const merged = (lines: Line[], ...notAdded: Extract<CartEvent, { type: 'GuestCartMerged' }>['data']['notAdded']) =>
    ({ type: 'GuestCartMerged', data: { guestId: 'guest', lines, notAdded } }) as const;

  it('opens an empty cart in its own currency', () => {
    const aLamp = lineOf(lamp, 1);
    given(cart)
      .when(bring([aLamp, aMug]))
      .then(merged([aLamp], { line: aMug, reason: 'currency-differs' }));
  });

  it('fills a cart up to as many lines as it holds, and a line of it further', () => {
    const others = Array.from({ length: MAX_LINES - 2 }, (_, n) => lineOf(offerOf(`item-${n}`, eur(1)), 1));
    const more = lineOf(offerOf('more', eur(1)), 1);
    given(cart, ...others.map(itemAdded), itemAdded(aMug))
      .when(bring([aTea, more, aMug]))
      .then(merged([...others, { ...aMug, quantity: 2 }, aTea], { line: more, reason: 'cart-full' }));
  });

  it('is capped at as many of one item as a cart holds, and not before', () => {
    const nearly = lineOf(mug, MAX_QUANTITY - 1);
    given(cart, itemAdded(nearly))
      .when(bring([aMug]))
      .then(merged([{ ...aMug, quantity: MAX_QUANTITY }]));
    given(cart)
      .when(bring([lineOf(tea, MAX_QUANTITY + 5)]))
      .then(merged([lineOf(tea, MAX_QUANTITY)], { line: lineOf(tea, 5), reason: 'quantity-capped' }));
  });

  it('is in the cart from then on, and what could not be added is shown after what was shown before', () => {
    const more: CartEvent = {
      type: 'CartReopened',
      data: { orderId: 'order-1', lines: [aMug, aTea], notAdded: [{ line: aTea, reason: 'cart-full' }] },
    };
    expect(stateOf(cart, [notMerged, more])).toEqual({
      generation: 1,
      lines: [aMug, aTea],
      notAdded: [
        { line: lineOf(lamp, 1), reason: 'currency-differs' },
        { line: aTea, reason: 'cart-full' },
      ],
      settled: ['guest', 'order-1'],
    });
    expect(stateOf(cart, [merged([aMug])]).lines).toEqual([aMug]);
  });

  it('is nothing where the guest had nothing, before and after its cart was closed', () => {
    expect(hadNothing(cart.initial)).toBe(true);
    expect(hadNothing(stateOf(cart, [itemAdded(aMug)]))).toBe(false);
    expect(hadNothing(stateOf(cart, [itemAdded(aMug), closed(aMug)]))).toBe(false);
    expect(hadNothing(stateOf(cart, [closed()]))).toBe(true);
    expect(stateOf(cart, [itemAdded(aMug), closed(aMug)]).lines).toEqual([]);
  });
});

describe('a cart as its owner sees it', () => {
  it('has its lines with their totals, and what could not be added', () =>
    expect(cartView('ann', stateOf(cart, [notMerged, itemAdded(aMug), itemAdded(aTea)]))).toEqual({
      cartId: 'ann',
      generation: 1,
      lines: [
        { ...aMug, lineTotalMinor: 1_200 },
        { ...aTea, lineTotalMinor: 900 },
      ],
      totals: totalsOf([aMug, aTea], 'EUR'),
      notAdded: [{ line: lineOf(lamp, 1), reason: 'currency-differs' }],
    }));

  it('has no totals while it is empty', () =>
    expect(cartView('ann', cart.initial)).toEqual({
      cartId: 'ann',
      generation: 1,
      lines: [],
      totals: null,
      notAdded: [],
    }));
});

describe('the lines of a cart', () => {
  /** Lines that take so many bytes each, as JSON in UTF-8. */
  const longLine = (n: number, bytes: number): Line => {
    const line = lineOf(offerOf(`item-${n}`, eur(1)), 1);
    return { ...line, name: `${line.name}${'é'.repeat((bytes - Buffer.byteLength(JSON.stringify(line))) / 2)}` };
  };
  const long = (count: number) => Array.from({ length: count }, (_, n) => longLine(n, 10_000));
  const most = Math.floor(MAX_LINES_BYTES / 10_002);

  it('fit an event and a reaction to it, however long their texts are', () => {
    given(cart, ...long(most).map(itemAdded))
      .when(add({ ...mug, name: 'é'.repeat(5_000) }, 1))
      .rejects('cart-full', { mostBytes: MAX_LINES_BYTES });
    given(cart, ...long(most - 1).map(itemAdded))
      .when(add({ ...mug, name: 'é'.repeat(4_000) }, 1))
      .leavesState(({ lines }) => expect(lines).toHaveLength(most));
  });

  it('that come from elsewhere are taken as far as they fit, and the others are shown', () => {
    const [first, ...others] = long(most + 2);
    given(cart, itemAdded(first!))
      .when((c) => mergeGuestCart(c, { guestId: 'guest', lines: others }))
      .leavesState(({ lines, notAdded }) => {
        expect(lines).toEqual(long(most));
        expect(notAdded.map(({ line, reason }) => [line.lineId, reason])).toEqual([
          [`line-of-item-${most}`, 'cart-full'],
          [`line-of-item-${most + 1}`, 'cart-full'],
        ]);
      });
  });

  it('are not ordered when what is told of them now is too long', () => {
    const lines = long(most);
    const now = new Map(
      lines.map(({ variantId }) => [variantId, { ...offerOf(variantId, eur(1)), name: 'é'.repeat(6_000) }]),
    );
    const quoteFor = (cart: PricedCart) => `${cart.generation}.quote`;
    given(cart, ...lines.map(itemAdded))
      .when((c) => checkOut(c, { quote: '1.quote', quoteFor, offers: now, orderOf: String } as never))
      .rejects('cart-full', { mostBytes: MAX_LINES_BYTES });
  });
});

it('a cart remembers the newest of what came back to it, whatever comes', () => {
  const reopened = (n: number): CartEvent => ({
    type: 'CartReopened',
    data: { orderId: `order-${n}`, lines: [], notAdded: [{ line: lineOf(mug, n + 1), reason: 'cart-full' }] },
  });
  const many = Array.from({ length: MAX_SETTLED + 100 }, (_, n) => reopened(n));
  const state = stateOf(cart, many);
  expect(state.settled).toHaveLength(MAX_SETTLED);
  expect(state.settled[0]).toBe('order-100');
  expect(state.notAdded).toHaveLength(MAX_NOT_ADDED);
  expect(state.notAdded.at(-1)?.line.quantity).toBe(many.length);
  given(cart, ...many)
    .when((c) => reopen(c, { orderId: `order-${many.length - 1}`, lines: [aMug] }))
    .thenNothing();
});

describe('whatever is done to a cart', () => {
  const offers = Array.from({ length: 4 }, (_, n) => offerOf(`item-${n}`, eur(100 + n)));
  const which = fc.nat(offers.length - 1);
  const quantity = fc.integer({ min: 1, max: MAX_QUANTITY + 5 });
  const decision = fc.oneof(
    fc.record({ n: which, quantity }).map(({ n, quantity }) => add(offers[n] ?? mug, quantity)),
    fc.record({ n: which, quantity }).map(
      ({ n, quantity }) =>
        (c: Cart) =>
          changeQuantity(c, { lineId: `line-of-item-${n}`, quantity }),
    ),
    which.map((n) => (c: Cart) => removeItem(c, { lineId: `line-of-item-${n}` })),
    fc.constant(clear),
    which.map(
      (n) => (c: Cart) => mergeGuestCart(c, { guestId: `guest-${n}`, lines: offers.map((o) => lineOf(o, 400)) }),
    ),
  );
  const decide = (events: CartEvent[], decision: (c: Cart) => CartEvent[]): CartEvent[] => {
    try {
      return decision(stateOf(cart, events));
    } catch {
      return [];
    }
  };

  it('no variant stands in it twice, no quantity passes the limit, the total is the sum of the lines', () => {
    fc.assert(
      fc.property(fc.array(decision, { maxLength: 30 }), (decisions) => {
        const events: CartEvent[] = [];
        for (const each of decisions) events.push(...decide(events, each));
        const { lines } = stateOf(cart, events);
        expect(new Set(lines.map((l) => l.variantId)).size).toBe(lines.length);
        for (const line of lines) expect(line.quantity).toBeLessThanOrEqual(MAX_QUANTITY);
        const sum = lines.reduce((total, l) => total + l.quantity * l.unitPrice.amountMinor, 0);
        expect(totalsOf(lines, 'EUR').totalMinor).toBe(sum);
      }),
    );
  });
});
