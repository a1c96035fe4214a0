// A shopping trip through HTTP, as a new user would make it. Prints each step; the exit status is 1 if one is not as expected.
// Usage: npm run journey [-- http://127.0.0.1:3000]
const url = (process.argv[2] ?? 'http://127.0.0.1:3000').replace(/\/+$/, '');

/** How long a shop that is starting may take to open, in milliseconds: it listens when its read models have caught up. */
const OPENS_WITHIN_MS = 10_000;

let steps = 0;

/** Waits while nobody listens there: the shop may be starting. */
async function untilItOpens() {
  for (const deadline = Date.now() + OPENS_WITHIN_MS; Date.now() < deadline; await pause(250)) {
    if (await fetch(url).catch(() => null)) return;
  }
}

/** One request, printed; fails the journey when the status is another one than expected. */
async function step(what, method, path, { expect, token, body, headers } = {}) {
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(token && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer = text ? JSON.parse(text) : {};
  const number = String(++steps).padStart(2);
  console.log(`${number}. ${what}\n      ${method} ${decodeURI(path)}  →  ${response.status}`);
  if (response.status !== expect) fail(`expected status ${expect}, and got: ${text}`);
  return { answer, headers: response.headers };
}

function note(text) {
  console.log(`      ${text}`);
}

function check(holds, otherwise) {
  if (!holds) fail(otherwise);
}

function fail(why) {
  console.error(`\nThe journey ends here: ${why}`);
  process.exit(1);
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const money = ({ currency, amountMinor }) => `${(amountMinor / 100).toFixed(2)} ${currency}`;
const key = () => ({ 'idempotency-key': crypto.randomUUID() });

async function journey() {
  console.log(`Shopping at ${url}\n`);
  await untilItOpens();
  await step('Is the shop open?', 'GET', '/api/products?limit=1', { expect: 200 });

  const { answer: guest } = await step('Come in as a guest', 'POST', '/api/auth/guest', { expect: 201 });
  const guestToken = guest.accessToken;

  const search = '/api/products?q=mug&inStock=true&sort=price&currency=EUR&limit=5';
  const { answer: found } = await step('Look for a mug that is in stock, the cheapest first', 'GET', search, {
    expect: 200,
  });
  check(found.items.length > 0, 'the search found nothing; was the shop started with --no-demo?');
  for (const { name, brand } of found.items) note(`${name} (${brand})`);
  const product = found.items[0];

  const { answer: details } = await step('Look at it', 'GET', `/api/products/${product.productId}`, { expect: 200 });
  const variant = details.variants[0];
  note(`${details.name}, ${variant.sku}: ${money(variant.prices[0])}`);

  const { answer: stock } = await step('Are there enough?', 'GET', `/api/stock/${variant.variantId}`, { expect: 200 });
  note(`${stock.available} available`);
  check(stock.available >= 2, 'too few are left; start with a new data folder');

  const item = { productId: details.productId, variantId: variant.variantId, quantity: 1, currency: 'EUR' };
  const adding = key();
  const added = await step('Put one into the cart', 'POST', '/api/cart/items', {
    expect: 201,
    token: guestToken,
    body: item,
    headers: adding,
  });
  const again = await step('The reply got lost? The same Idempotency-Key is safe', 'POST', '/api/cart/items', {
    expect: 201,
    token: guestToken,
    body: item,
    headers: adding,
  });
  check(again.headers.get('idempotent-replayed') === 'true', 'the repeat was not recognised');
  check(JSON.stringify(again.answer) === JSON.stringify(added.answer), 'the repeat was answered otherwise');
  note('recognised: there is still one in the cart');

  const { answer: other } = await step(
    'Find something to go with it',
    'GET',
    '/api/products?q=tea&inStock=true&limit=1',
    { expect: 200 },
  );
  const second = other.items[0] ?? found.items[1];
  const { answer: tea } = await step('Look at it', 'GET', `/api/products/${second.productId}`, { expect: 200 });
  const line = { productId: tea.productId, variantId: tea.variants[0].variantId, quantity: 2 };
  const cart = await step('Put two of those into the cart', 'POST', '/api/cart/items', {
    expect: 201,
    token: guestToken,
    body: line,
    headers: key(),
  });
  const stale = { 'if-match': added.headers.get('etag') };
  await step(
    'Change the quantity, with an ETag that is out of date',
    'PATCH',
    `/api/cart/items/${cart.answer.lines[1].lineId}`,
    {
      expect: 412,
      token: guestToken,
      body: { quantity: 3 },
      headers: stale,
    },
  );
  const fresh = { 'if-match': cart.headers.get('etag') };
  await step('Change it with the ETag of now', 'PATCH', `/api/cart/items/${cart.answer.lines[1].lineId}`, {
    expect: 200,
    token: guestToken,
    body: { quantity: 3 },
    headers: fresh,
  });

  const email = `journey-${crypto.randomUUID().slice(0, 8)}@example.com`;
  const person = { email, password: 'a trip through the shop', name: 'Ada Lovelace' };
  const { answer: session, headers: registered } = await step(
    'Make an account; the cart comes along',
    'POST',
    '/api/auth/register',
    {
      expect: 201,
      token: guestToken,
      body: person,
    },
  );
  const token = session.accessToken;
  await step('The guest token is used up', 'GET', '/api/cart', { expect: 409, token: guestToken });

  const seen = { 'consistency-token': registered.get('consistency-token') ?? '' };
  const { answer: mine } = await step('Look at the cart and its quote', 'GET', '/api/cart', {
    expect: 200,
    token,
    headers: seen,
  });
  check(mine.lines.length === 2, 'the cart of the guest did not come along');
  note(
    `${mine.lines.map((l) => `${l.quantity} x ${l.name}`).join(', ')}: ${money({ currency: mine.toPay.currency, amountMinor: mine.toPay.totalMinor })}`,
  );

  const order = {
    quote: mine.quote,
    deliverTo: {
      country: 'DE',
      postcode: '10119',
      to: { name: 'Ada Lovelace', street: 'Torstraße 1', city: 'Berlin' },
    },
    contact: { email },
    payment: { gateway: 'test', token: 'test-approved' },
  };
  await step('Order with a quote that is not the shop’s', 'POST', '/api/orders', {
    expect: 409,
    token,
    body: { ...order, quote: `${mine.generation}.forged` },
  });
  const ordering = key();
  const placed = await step('Order, and wait for the outcome', 'POST', '/api/orders', {
    expect: 202,
    token,
    body: order,
    headers: { ...ordering, prefer: 'wait=10' },
  });
  check(placed.answer.status === 'confirmed', `the order is ${placed.answer.status}`);
  note(`order ${placed.answer.orderNumber} is ${placed.answer.status}`);
  const location = placed.headers.get('location');

  const repeated = await step('Send it again: still one order', 'POST', '/api/orders', {
    expect: 202,
    token,
    body: order,
    headers: { ...ordering, prefer: 'wait=10' },
  });
  check(repeated.answer.orderId === placed.answer.orderId, 'a second order was made');
  await step('Another tab orders the same cart', 'POST', '/api/orders', { expect: 409, token, body: order });

  const { answer: whole } = await step('Look at the order', 'GET', location, { expect: 200, token });
  note(`${whole.status}, payment ${whole.payment}, to ${whole.deliverTo.to.name} in ${whole.deliverTo.to.city}`);
  const { answer: tracking } = await step('Follow it', 'GET', `${location}/tracking`, { expect: 200, token });
  note(tracking.timeline.map(({ step }) => step).join(' → '));
  const { answer: history } = await step('All my orders', 'GET', '/api/orders/history', { expect: 200, token });
  check(history.items.length === 1, `the history has ${history.items.length} orders`);
  const { answer: stranger } = await step('A stranger', 'POST', '/api/auth/guest', { expect: 201 });
  await step('does not see it', 'GET', location, { expect: 404, token: stranger.accessToken });

  const { answer: cancelled, headers: undone } = await step(
    'Changed my mind: cancel, and wait',
    'POST',
    `${location}/cancel`,
    {
      expect: 202,
      token,
      body: { reason: 'changed-mind' },
      headers: { ...key(), prefer: 'wait=10' },
    },
  );
  check(cancelled.status === 'cancelled', `the order is ${cancelled.status}`);
  const since = { 'consistency-token': undone.get('consistency-token') ?? '' };
  const { answer: end } = await step('The money is back, the stock is free', 'GET', `${location}/tracking`, {
    expect: 200,
    token,
    headers: since,
  });
  note(end.timeline.map(({ step }) => step).join(' → '));
  const { answer: stockAfter } = await step('As many as before', 'GET', `/api/stock/${variant.variantId}`, {
    expect: 200,
    headers: since,
  });
  check(stockAfter.available === stock.available, `${stockAfter.available} available, not ${stock.available}`);

  const buy = async (paymentToken) => {
    await step(`Another cart, paid with ${paymentToken}`, 'POST', '/api/cart/items', {
      expect: 201,
      token,
      body: item,
      headers: key(),
    });
    const { answer: priced } = await step('Its quote', 'GET', '/api/cart', { expect: 200, token });
    const body = { ...order, quote: priced.quote, payment: { gateway: 'test', token: paymentToken } };
    const { answer } = await step('Order it', 'POST', '/api/orders', {
      expect: 202,
      token,
      body,
      headers: { ...key(), prefer: 'wait=10' },
    });
    return answer;
  };
  const declined = await buy('test-declined');
  check(declined.status === 'rejected', `the order is ${declined.status}`);
  note(`rejected: ${declined.rejection.reason} (${declined.rejection.detail})`);
  const { answer: back } = await step('The cart is back', 'GET', '/api/cart', { expect: 200, token });
  check(back.lines.length === 1, `the cart has ${back.lines.length} lines`);
  await step('Empty it', 'DELETE', '/api/cart/items', { expect: 200, token });
  const timedOut = await buy('test-timeout');
  check(timedOut.status === 'confirmed', `the order is ${timedOut.status}`);
  note('the gateway’s answer was lost, its books were looked up, and the order is confirmed');

  console.log(`\n${steps} steps, all as expected.`);
}

journey().catch((error) => {
  const cause = error.cause ?? error;
  fail(
    cause.code === 'ECONNREFUSED'
      ? `nothing listens at ${url}; start the shop with npm start`
      : (cause.stack ?? String(cause)),
  );
});
