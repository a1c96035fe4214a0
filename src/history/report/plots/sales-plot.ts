import type { SalesFigures } from '../figures';
import { countText, counted, dayText, moneyText, shareText, shortMoneyText } from '../formats';
import { BASE, type FigureTable, type Plot, QUIET_AXIS, seriesColor, STILL } from '../plot';
import { categoryText, salesBars } from '../sales-days';

/** Stacked bars, of one currency; `first` and `last`: the days of the stretch. */
export function salesPlot(sales: SalesFigures, first: string, last: string): Plot {
  const { currency } = sales;
  const { per, categories, bars } = salesBars(sales, first, last);
  const totals = bars.map(({ amounts }) => amounts.reduce((sum, amount) => sum + amount, 0));
  const best = totals.indexOf(Math.max(...totals));
  const sum = (n: number) => bars.reduce((total, { amounts }) => total + amounts[n]!, 0);
  const largest = `${categories[0]} brought ${moneyText(sum(0), currency)} (${shareText(sum(0), sales.amountMinor)})`;
  return {
    id: `sales-${currency.toLowerCase()}`,
    title: `Sales in ${currency}, per ${per} and category`,
    says:
      `${counted(sales.orders, 'order')} of ${counted(sales.units, 'unit')} for ${moneyText(sales.amountMinor, currency)}. ` +
      `The best ${per} was ${per === 'week' ? 'that of ' : ''}${bars[best]!.label}, with ${moneyText(totals[best]!, currency)}. ${largest}.`,
    legend: categories,
    height: 340,
    option: {
      ...BASE,
      grid: { left: 70, right: 12, top: 16, bottom: 32 },
      xAxis: { ...QUIET_AXIS, type: 'category', data: bars.map(({ label }) => label), splitLine: { show: false } },
      yAxis: {
        ...QUIET_AXIS,
        type: 'value',
        axisLine: { show: false },
        axisLabel: { ...QUIET_AXIS.axisLabel, formatter: (minor: number) => shortMoneyText(minor, currency) },
      },
      series: categories.map((name, n) => ({
        ...STILL,
        type: 'bar' as const,
        name,
        stack: 'sales',
        barMaxWidth: 56,
        itemStyle: { color: seriesColor(n) },
        data: bars.map(({ amounts }) => amounts[n]!),
      })),
    },
  };
}

export const salesTable = ({ currency, days }: SalesFigures): FigureTable => ({
  caption: `Sales in ${currency}, per day (UTC) and category`,
  columns: [
    { name: 'Day' },
    { name: 'Category' },
    { name: 'Orders', numeric: true },
    { name: 'Units', numeric: true },
    { name: 'Sales', numeric: true },
  ],
  rows: days.map(({ day, category, orders, units, amountMinor }) => [
    `${dayText(day)}, ${day.slice(0, 4)}`,
    categoryText(category),
    countText(orders),
    countText(units),
    moneyText(amountMinor, currency),
  ]),
});
