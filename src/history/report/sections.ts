import type { RejectionReason } from '../../words/orders';
import type { OrderFigures, ReportFigures } from './figures';
import { counted, shareText } from './formats';
import type { FigureTable, Plot } from './plot';
import { durationsPlot, durationsTable } from './plots/durations-plot';
import { funnelPlot, funnelTable } from './plots/funnel-plot';
import { leftCartsPlot, leftCartsTable } from './plots/left-carts-plot';
import { salesPlot, salesTable } from './plots/sales-plot';
import { stockOutsPlot, stockOutsTable } from './plots/stock-outs-plot';

/** A part of the page. */
export interface Section {
  readonly heading: string;
  /** What is counted, and how. */
  readonly explained: string;
  /** Nothing in it: the stretch has nothing of the kind. */
  readonly pictures: readonly { readonly plot: Plot; readonly table: FigureTable }[];
  /** What stands in the place of the pictures, or after them. */
  readonly remark: string | null;
}

/** The parts of a report on a stretch that has events. */
export function sectionsOf(figures: ReportFigures, begin: string, end: string): Section[] {
  const { sales, funnel, durations, stockOuts, leftCarts, orders } = figures;
  const currencies = [...new Set(leftCarts.map(({ currency }) => currency))];
  const hasCarts = (funnel[0]?.carts ?? 0) > 0;
  return [
    {
      heading: 'Sales',
      explained:
        'What the lines of confirmed orders cost, on the day (UTC) of the confirmation, by the widest category of the product. Orders that were cancelled later are in it.',
      pictures: sales.map((of) => ({
        plot: salesPlot(of, begin.slice(0, 10), end.slice(0, 10)),
        table: salesTable(of),
      })),
      remark: sales.length === 0 ? 'No order was confirmed in this stretch.' : null,
    },
    {
      heading: 'From cart to delivery',
      explained:
        'Carts that got their first item in this stretch. A cart begins anew after each checkout, and when an order that came to nothing gives its lines back; a guest’s cart that went into an account’s is counted there.',
      pictures: hasCarts ? [{ plot: funnelPlot(funnel), table: funnelTable(funnel) }] : [],
      remark: hasCarts
        ? endsOf(orders, funnel.at(-1)?.stage === 'handed-over')
        : 'No cart got an item in this stretch.',
    },
    {
      heading: 'Time between the steps',
      explained:
        'Of the same carts: from the event that begins a step to the one that ends it, by the times at which they were recorded. The scale is logarithmic; a line goes from what half of them took to what 99 of 100 took at most.',
      pictures: durations.length > 0 ? [{ plot: durationsPlot(durations), table: durationsTable(durations) }] : [],
      remark: durations.length > 0 ? null : 'No cart was checked out in this stretch.',
    },
    {
      heading: 'Stock-outs',
      explained:
        'Times in which nothing of a variant could be ordered, because all that was on the shelf was kept for orders, or there was nothing on it. What had never been on the shelf is not counted.',
      pictures:
        stockOuts.length > 0
          ? [{ plot: stockOutsPlot(stockOuts, begin, end), table: stockOutsTable(stockOuts, end) }]
          : [],
      remark: stockOuts.length > 0 ? null : 'Nothing ran out in this stretch.',
    },
    {
      heading: 'Abandoned carts',
      explained:
        'Carts that were touched last in this stretch and still held something at its end, at the prices of when it was added. Those of the last hour may not be abandoned at all.',
      pictures: currencies.map((currency) => {
        const carts = leftCarts.filter((of) => of.currency === currency);
        return { plot: leftCartsPlot(currency, carts), table: leftCartsTable(currency, carts) };
      }),
      remark: currencies.length > 0 ? null : 'No cart was left with anything in it.',
    },
  ];
}

const REASONS: Readonly<Record<RejectionReason, string>> = {
  'out-of-stock': 'something was out of stock',
  'payment-declined': 'the payment was declined',
  'payment-failed': 'the payment failed',
};

/** What became of the orders of the stretch. */
function endsOf(
  { received, confirmed, cancelledLater, rejected, cancelled, open }: OrderFigures,
  areHandedOver: boolean,
) {
  const were = (orders: number) => counted(orders, 'was', 'were');
  const later = cancelledLater > 0 ? `, of which ${were(cancelledLater)} cancelled later` : '';
  const ends = [
    `${were(confirmed)} confirmed (${shareText(confirmed, received)})${later}`,
    ...Object.entries(rejected).map(
      ([reason, orders]) => `${were(orders)} rejected because ${REASONS[reason as RejectionReason] ?? reason}`,
    ),
    ...(cancelled > 0 ? [`${were(cancelled)} cancelled before`] : []),
    ...(open > 0 ? [`${were(open)} still under way`] : []),
  ];
  const delivery = areHandedOver ? '' : ' No goods were booked out, so the last stage is the confirmation.';
  return `Of ${counted(received, 'order')} that came in, ${ends.join('; ')}.${delivery}`;
}
