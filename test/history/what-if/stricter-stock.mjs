/** The last unit stays on the shelf. */
export const whatIf = ({ decisions, rejected }) => ({
  decisions: {
    'stock.reserve': (stock, input) => {
      const events = decisions['stock.reserve'](stock, input);
      const left = stock.onHand - stock.reserved - input.quantity;
      if (events.length > 0 && left < 1) throw rejected('stock-insufficient', { left });
      return events;
    },
  },
});
