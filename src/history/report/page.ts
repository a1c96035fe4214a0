import { textOfPosition } from '../../kernel/instant';
import { positionOfStamp } from '../../kernel/position';
import { ABANDONED_AFTER, type LeftCarts, type ReportFigures, type SalesFigures } from './figures';
import { counted, countText, durationText, moneyText, shareText, timeText } from './formats';
import { Markup, markup } from './markup';
import type { FigureTable, Plot } from './plot';
import { abandonedOf } from './plots/left-carts-plot';
import { GENERATOR } from './report-file';
import { type Section, sectionsOf } from './sections';
import { STYLE } from './style';
import { svgOf } from './svg';

/** One page that needs nothing else: the same figures give the same bytes. */
export function pageOf(figures: ReportFigures): string {
  const { storeId, asOf, begunAt } = figures;
  const body =
    asOf === null || begunAt === null
      ? markup`<p>Nothing happened in this stretch of the history.</p>`
      : markup`${keyFigures(figures)}\n${sectionsOf(figures, begunAt, asOf.recordedAt).map(section)}`;
  return markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8" />
${new Markup(GENERATOR)}
<meta name="viewport" content="width=device-width, initial-scale=1" />
<title>History report of ${storeId}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<header>
<h1>History report</h1>
${about(figures)}
</header>
<main>
${body}
</main>
<footer>Made from the events alone, by chronocart history report. Persons do not appear in it.</footer>
</body>
</html>
`.text;
}

function about({ storeId, asOf, from, to, begunAt, events }: ReportFigures): Markup {
  const stretch = `from ${from ?? 'the beginning'} to ${to ?? 'now'}`;
  const first = begunAt === null ? '' : `; its first event is of ${timeText(begunAt)}`;
  return markup`<dl class="about">
<dt>Shop</dt><dd>${storeId}</dd>
<dt>Stretch</dt><dd>${stretch}${first}</dd>
<dt>As of</dt><dd>${asOf === null ? 'the beginning' : `${timeText(asOf.recordedAt)}, position ${textOfPosition(positionOfStamp(asOf.position))}`}</dd>
<dt>Events</dt><dd>${countText(events)}</dd>
</dl>`;
}

interface Card {
  readonly figure: string;
  readonly of: string;
}

function keyFigures({ orders, sales, funnel, stockOuts, leftCarts }: ReportFigures): Markup {
  const cards: Card[] = [
    ...sales.flatMap(salesCards),
    { figure: countText(orders.received), of: `${orders.received === 1 ? 'order' : 'orders'} came in` },
    ...conversion(funnel),
    {
      figure: countText(stockOuts.length),
      of: `${stockOuts.length === 1 ? 'stock-out' : 'stock-outs'} of ${counted(variantsOf(stockOuts), 'variant')}`,
    },
    ...abandoned(leftCarts),
  ];
  const items = cards.map(({ figure, of }) => markup`<li><b>${figure}</b><span>${of}</span></li>`);
  return markup`<ul class="cards" aria-label="Key figures">\n${items}\n</ul>`;
}

function salesCards({ currency, amountMinor, orders, units, cancelledOrders, cancelledMinor }: SalesFigures): Card[] {
  const cancelled = {
    figure: moneyText(cancelledMinor, currency),
    of: `of it cancelled later, ${counted(cancelledOrders, 'order')}`,
  };
  return [
    { figure: moneyText(amountMinor, currency), of: `sales in ${currency}, ${counted(units, 'unit')}` },
    ...(cancelledOrders > 0 ? [cancelled] : []),
    { figure: moneyText(Math.round(amountMinor / orders), currency), of: `per order in ${currency}` },
  ];
}

const variantsOf = (stockOuts: ReportFigures['stockOuts']): number =>
  new Set(stockOuts.map(({ variantId }) => variantId)).size;

function conversion(funnel: ReportFigures['funnel']): Card[] {
  const [carts = 0, confirmed = 0] = ['carts', 'confirmed'].map(
    (of) => funnel.find(({ stage }) => stage === of)?.carts,
  );
  if (carts === 0) return [];
  return [{ figure: shareText(confirmed, carts), of: `of ${counted(carts, 'cart')} became a confirmed order` }];
}

function abandoned(leftCarts: readonly LeftCarts[]): Card[] {
  const currencies = [...new Set(leftCarts.map(({ currency }) => currency))];
  return currencies.map((currency) => {
    const { carts, amountMinor } = abandonedOf(leftCarts.filter((of) => of.currency === currency));
    return {
      figure: moneyText(amountMinor, currency),
      of: `in ${counted(carts, 'cart')} left for ${durationText(ABANDONED_AFTER)} or longer`,
    };
  });
}

const section = ({ heading, explained, pictures, remark }: Section): Markup => markup`<section>
<h2>${heading}</h2>
<p class="quiet">${explained}</p>
${pictures.map(({ plot, table }) => markup`${figure(plot)}\n${tableOf(table)}`)}
${remark === null ? null : markup`<p>${remark}</p>`}
</section>`;

const figure = (plot: Plot): Markup => markup`<figure>
<figcaption>${plot.title}</figcaption>
${plot.legend.length === 0 ? null : legend(plot.legend)}
<div class="plot">${svgOf(plot)}</div>
</figure>`;

const legend = (names: readonly string[]): Markup =>
  markup`<ul class="legend">${names.map((name, n) => markup`<li><i class="s${n}"></i>${name}</li>`)}</ul>`;

const classOf = ({ numeric = false }: { readonly numeric?: boolean }): string => (numeric ? 'number' : 'text');

function tableOf({ caption, columns, rows, note }: FigureTable): Markup {
  const head = columns.map((column) => markup`<th scope="col" class="${classOf(column)}">${column.name}</th>`);
  const body = rows.map(
    (row) => markup`<tr>${row.map((cell, n) => markup`<td class="${classOf(columns[n]!)}">${cell}</td>`)}</tr>`,
  );
  return markup`<details>
<summary>Figures</summary>
<div class="table"><table>
<caption>${caption}</caption>
<thead><tr>
${head}
</tr></thead>
<tbody>
${body}
</tbody>
</table></div>
${note === undefined ? null : markup`<p>${note}</p>`}
</details>`;
}
