/** Two units more may be sold than there are. */
export const whatIf = ({ decisions }) => ({
  decisions: {
    'stock.reserve': (stock, input) => decisions['stock.reserve']({ ...stock, onHand: stock.onHand + 2 }, input),
  },
});
