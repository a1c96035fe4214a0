/** Fails in every way in which a candidate can fail on some of what it is asked. */
export const whatIf = ({ projections, decisions, rejected }) => ({
  decisions: {
    'cart.addItem': (cart, input) => {
      cart.lines.push(input);
      return [];
    },
    'cart.checkOut': (cart, input) =>
      decisions['cart.checkOut'](cart, input).map(({ data }) => ({
        type: 'CartCheckedOut',
        data: { ...data, lines: 1 },
      })),
    'order.confirm': () => 'yes',
    'order.cancel': () => {
      throw new TypeError('no such order book');
    },
    'order.reject': () => {
      throw rejected('order-not-open', { because: 'it is late' });
    },
  },
  projections: [
    {
      ...projections['order-tracking'],
      on: {
        ...projections['order-tracking'].on,
        OrderRejected: {
          keys: ({ data }) => [data.orderId],
          evolve: () => {
            throw new Error('no way back');
          },
        },
      },
    },
  ],
});
