import { ABANDONED_AFTER, AGES, type LeftCarts } from '../figures';
import { countText, counted, durationText, moneyText, shortMoneyText } from '../formats';
import { BASE, type FigureTable, MUTED, type Plot, QUIET_AXIS, seriesColor, STILL, TEXT } from '../plot';

/** `1 h – 6 h`. */
function ageText(idleMs: number): string {
  const above = AGES[AGES.findIndex((age) => age === idleMs) + 1];
  if (above === undefined) return `over ${durationText(idleMs)}`;
  return idleMs === 0 ? `under ${durationText(above)}` : `${durationText(idleMs)} – ${durationText(above)}`;
}

/** Of carts that nobody touched for a while. */
export const abandonedOf = (carts: readonly LeftCarts[]) =>
  carts
    .filter(({ idleMs }) => idleMs >= ABANDONED_AFTER)
    .reduce((sum, cart) => ({ carts: sum.carts + cart.carts, amountMinor: sum.amountMinor + cart.amountMinor }), {
      carts: 0,
      amountMinor: 0,
    });

/** Bars of what is in the carts of one currency, by how long they have been left. */
export function leftCartsPlot(currency: string, carts: readonly LeftCarts[]): Plot {
  const left = AGES.map((age) => carts.find(({ idleMs }) => idleMs === age));
  const abandoned = abandonedOf(carts);
  return {
    id: `carts-${currency.toLowerCase()}`,
    title: `What lies in carts, in ${currency}, by how long ago they were touched`,
    says: `${counted(abandoned.carts, 'cart')} with items for ${moneyText(abandoned.amountMinor, currency)} had been left for at least ${durationText(ABANDONED_AFTER)}.`,
    legend: [],
    height: 300,
    option: {
      ...BASE,
      grid: { left: 70, right: 12, top: 30, bottom: 32 },
      xAxis: { ...QUIET_AXIS, type: 'category', data: AGES.map(ageText), splitLine: { show: false } },
      yAxis: {
        ...QUIET_AXIS,
        type: 'value',
        axisLine: { show: false },
        axisLabel: { ...TEXT, formatter: (minor: number) => shortMoneyText(minor, currency) },
      },
      series: {
        ...STILL,
        type: 'bar',
        barMaxWidth: 70,
        label: {
          ...TEXT,
          show: true,
          position: 'top',
          formatter: ({ dataIndex }) => (left[dataIndex] ? counted(left[dataIndex].carts, 'cart') : ''),
        },
        data: left.map((of, n) => ({
          value: of?.amountMinor ?? 0,
          itemStyle: { color: AGES[n]! < ABANDONED_AFTER ? MUTED : seriesColor(0), borderRadius: [3, 3, 0, 0] },
        })),
      },
    },
  };
}

export const leftCartsTable = (currency: string, carts: readonly LeftCarts[]): FigureTable => ({
  caption: `Carts with items in ${currency}, by how long ago they were touched`,
  columns: [{ name: 'Touched' }, ...['Carts', 'Units', 'Worth'].map((name) => ({ name, numeric: true }))],
  rows: carts.map(({ idleMs, carts: count, units, amountMinor }) => [
    `${ageText(idleMs)} ago`,
    countText(count),
    countText(units),
    moneyText(amountMinor, currency),
  ]),
});
