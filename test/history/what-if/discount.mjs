/** Ten per cent off every line of three or more. */
const discountOf = ({ quantity, unitPrice }) =>
  quantity >= 3 ? Math.floor((quantity * unitPrice.amountMinor) / 10) : 0;

const withDiscount = ({ lines, totals }) => {
  const discountMinor = lines.reduce((sum, line) => sum + discountOf(line), 0);
  return { ...totals, discountMinor, totalMinor: totals.totalMinor - discountMinor };
};

export const whatIf = ({ decisions }) => ({
  decisions: {
    'cart.checkOut': (cart, input) =>
      decisions['cart.checkOut'](cart, input).map(({ type, data }) => ({
        type,
        data: { ...data, totals: withDiscount(data) },
      })),
  },
});
