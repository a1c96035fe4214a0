import { init } from 'echarts';
import { Markup, markup } from './markup';
import { type Plot, PLOT_WIDTH } from './plot';

/** What ECharts writes for a pointer over the picture, and which place in the data a shape is of. */
const OF_NO_USE = [
  /<style ?>[^]*?<\/style>\n?/g,
  / class="zr\d+-cls-\d+"/g,
  / ecmeta_\w+="[^"]*"/g,
  / pointer-events="\w+"/g,
];
const OPENING = /^<svg[^>]*>/;

/**
 * The plot as an element of SVG with its title and text alternative. Ids begin with that of the plot: ECharts numbers pictures
 * in the order in which a process draws them.
 */
export function svgOf({ id, title, says, height, option }: Plot): Markup {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: PLOT_WIDTH, height });
  try {
    chart.setOption(option);
    const drawn = OF_NO_USE.reduce((text, useless) => text.replaceAll(useless, ''), chart.renderToSVGString());
    const shapes = drawn.replace(OPENING, '').replaceAll(/\bzr\d+-(?=[a-z]+\d)/g, `${id}-`);
    const labels = `${id}-title ${id}-says`;
    const opening = markup`<svg id="${id}" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" aria-labelledby="${labels}" viewBox="0 0 ${PLOT_WIDTH} ${height}" width="${PLOT_WIDTH}" height="${height}">
<title id="${id}-title">${title}</title>
<desc id="${id}-says">${says}</desc>`;
    return new Markup(`${opening.text}${shapes}`);
  } finally {
    chart.dispose();
  }
}
