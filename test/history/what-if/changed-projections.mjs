/** Large orders are marked, and orders are counted by country. */
const ofOrders = ({ data }) => [data.orderId];

export const whatIf = ({ projections }) => {
  const history = projections['order-history'];
  const { CartCheckedOut } = history.on;
  const evolve = (order, event, key) => {
    const document = CartCheckedOut.evolve(order, event, key);
    return event.data.totals.totalMinor >= 5_000 ? { ...document, isLarge: true } : document;
  };
  return {
    projections: [
      { ...history, on: { ...history.on, CartCheckedOut: { keys: ofOrders, evolve } } },
      {
        name: 'orders-by-country',
        on: {
          CartCheckedOut: {
            keys: ({ data }) => [data.deliverTo.country],
            evolve: (counted) => ({ orders: (counted?.orders ?? 0) + 1 }),
          },
        },
      },
    ],
  };
};
