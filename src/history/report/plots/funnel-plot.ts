import type { FunnelStage, FunnelStep } from '../figures';
import { countText, counted, shareText } from '../formats';
import { BASE, type FigureTable, type Plot, QUIET_AXIS, seriesColor, STILL, TEXT } from '../plot';

const NAMES: Readonly<Record<FunnelStage, string>> = {
  carts: 'Cart with an item',
  'checked-out': 'Checked out',
  placed: 'Order placed',
  'stock-reserved': 'Stock reserved',
  'payment-requested': 'Payment asked for',
  paid: 'Paid',
  confirmed: 'Confirmed',
  'handed-over': 'Left the shop',
};

export function funnelPlot(funnel: readonly FunnelStep[]): Plot {
  const carts = funnel[0]!.carts;
  const last = funnel.at(-1)!;
  const names = funnel.map(({ stage }) => NAMES[stage]);
  return {
    id: 'funnel',
    title: 'How far the carts came',
    says: `Of ${counted(carts, 'cart')} that got an item, ${countText(last.carts)} (${shareText(last.carts, carts)}) came to the stage “${NAMES[last.stage]}”.`,
    legend: [],
    height: 40 + 40 * funnel.length,
    option: {
      ...BASE,
      grid: { left: 150, right: 130, top: 12, bottom: 12 },
      xAxis: { type: 'value', show: false, min: 0, max: Math.max(1, carts) },
      yAxis: { ...QUIET_AXIS, type: 'category', inverse: true, data: names, axisLine: { show: false } },
      series: {
        ...STILL,
        type: 'bar',
        barWidth: 26,
        itemStyle: { color: seriesColor(0), borderRadius: 3 },
        label: {
          ...TEXT,
          show: true,
          position: 'right',
          formatter: ({ dataIndex }) => {
            const { carts: come } = funnel[dataIndex]!;
            return `${countText(come)}   ${shareText(come, carts)}`;
          },
        },
        data: funnel.map(({ carts: come }) => come),
      },
    },
  };
}

export const funnelTable = (funnel: readonly FunnelStep[]): FigureTable => ({
  caption: 'How far the carts came',
  columns: [
    { name: 'Stage' },
    { name: 'Carts', numeric: true },
    { name: 'Of all', numeric: true },
    { name: 'Of the stage before', numeric: true },
  ],
  rows: funnel.map(({ stage, carts }, n) => [
    NAMES[stage],
    countText(carts),
    shareText(carts, funnel[0]!.carts),
    n === 0 ? '' : shareText(carts, funnel[n - 1]!.carts),
  ]),
});
