import { partsOf } from '../../kernel/aggregate';
import { textOfPosition } from '../../kernel/instant';
import { positionOfStamp } from '../../kernel/position';
import type { Graph, GraphNode } from './graph';

export const GRAPH_FORMATS = ['mermaid', 'dot', 'json'] as const;
export type GraphFormat = (typeof GRAPH_FORMATS)[number];

export function graphText(graph: Graph, format: GraphFormat): string {
  switch (format) {
    case 'mermaid':
      return mermaid(graph);
    case 'dot':
      return dot(graph);
    case 'json':
      return `${JSON.stringify(graph, null, 2)}\n`;
  }
}

/** A flowchart as Mermaid reads it: rectangles are commands, rounded ones events, hexagons reactions of processes. */
function mermaid({ position, nodes, edges }: Graph): string {
  const names = new Map(nodes.map(({ id }, n) => [id, `n${n}`]));
  const label = (node: GraphNode) => `"${labelOf(node).map(escaped).join('<br/>')}"`;
  return text([
    'flowchart LR',
    `  %% ${asOf(position)}`,
    ...nodes.map((node) => `  ${names.get(node.id)}${MERMAID[node.kind](label(node))}`),
    ...edges.map(({ from, to }) => `  ${names.get(from)} --> ${names.get(to)}`),
    ...nodes.flatMap((node) => (isRefused(node) ? [`  style ${names.get(node.id)} stroke-dasharray: 4`] : [])),
  ]);
}

const MERMAID: Readonly<Record<GraphNode['kind'], (label: string) => string>> = {
  command: (label) => `[${label}]`,
  event: (label) => `([${label}])`,
  reaction: (label) => `{{${label}}}`,
};

/** A directed graph as Graphviz reads it, with the same shapes. */
function dot({ position, nodes, edges }: Graph): string {
  return text([
    'digraph history {',
    `  // ${asOf(position)}`,
    '  rankdir=LR;',
    '  node [fontname="sans-serif"];',
    ...nodes.map((node) => {
      const style = isRefused(node) ? `${STYLES[node.kind]},dashed` : STYLES[node.kind];
      const label = labelOf(node).map(quotable).join('\\n');
      return `  "${node.id}" [label="${label}", shape=${SHAPES[node.kind]}, style="${style}"];`;
    }),
    ...edges.map(({ from, to }) => `  "${from}" -> "${to}";`),
    '}',
  ]);
}

const SHAPES = { command: 'box', event: 'box', reaction: 'hexagon' } as const;
const STYLES = { command: 'solid', event: 'rounded', reaction: 'solid' } as const;

/** Its lines. Streams are told apart by the first digits of their ids. */
function labelOf(node: GraphNode): string[] {
  if (node.kind === 'command') {
    const { name, actor, outcome, code } = node;
    const end = outcome === 'done' ? [] : [code === undefined ? outcome : `${outcome}: ${code}`];
    return [name ?? 'command', `by ${actor.kind} ${short(actor.id)}`, ...end];
  }
  const place = `${shortStream(node.stream)}/${node.revision}`;
  if (node.kind === 'event') return [node.type, place];
  return [place, node.timeout === undefined ? 'reacts' : `timeout ${node.timeout}`];
}

const isRefused = (node: GraphNode): boolean => node.kind === 'command' && node.outcome !== 'done';

const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;
const short = (id: string): string => (UUID.test(id) ? id.slice(0, 8) : id);

function shortStream(stream: string): string {
  const { aggregate, id } = partsOf(stream);
  return id === '' ? aggregate : `${aggregate}-${short(id)}`;
}

/** Mermaid takes entities by name in a quoted text. */
const escaped = (line: string): string =>
  line.replace(/[&"<>]/g, (character) => `#${ENTITIES[character as keyof typeof ENTITIES]};`);
const ENTITIES = { '&': 'amp', '"': 'quot', '<': 'lt', '>': 'gt' } as const;

const quotable = (line: string): string => line.replaceAll('\\', '\\\\').replaceAll('"', '\\"');

const asOf = (position: string | null): string =>
  `as of position ${position === null ? 'none' : textOfPosition(positionOfStamp(position))}`;

const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`;
