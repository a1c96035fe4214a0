import type { RecordedEvent } from '#src/kernel/events';
import { same } from '../invariants/findings';
import { at, type ShopEvent, shopRegistry } from '../invariants/shop-events';

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** More lines than these nobody reads. */
const MOST_LINES = 120;
const LONGEST_LINE = 300;

/** When something was done to the shop, for a story. */
export interface Happening {
  /** ISO 8601. */
  readonly at: string;
  readonly what: string;
}

/**
 * All that the log tells of what a finding is about, which it names by an id: the order, the cart, the payment, and the processes of
 * each, in log order, with what was done to the shop meanwhile.
 */
export function storyOf(finding: string, log: readonly RecordedEvent[], happenings: readonly Happening[]): string[] {
  const ids = new Set(finding.match(ID) ?? []);
  if (ids.size === 0) return [];
  const told = log.filter((event) => {
    const text = `${event.stream} ${String(event.metadata['commandId'])} ${JSON.stringify(event.data)}`;
    return [...ids].some((id) => text.includes(id));
  });
  const [first, last] = [told[0]?.recordedAt ?? '', told.at(-1)?.recordedAt ?? ''];
  const lines = [
    ...told.map((event) => ({ at: event.recordedAt, line: lineOf(event) })),
    ...happenings
      .filter((happening) => first <= happening.at && happening.at <= last)
      .map((happening) => ({ at: happening.at, line: `~~ ${happening.what}` })),
  ];
  lines.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const shown = lines.slice(0, MOST_LINES).map((line) => `${line.at.slice(11)} ${line.line}`);
  return lines.length > shown.length ? [...shown, `… and ${lines.length - shown.length} more`] : shown;
}

function lineOf(stored: RecordedEvent): string {
  const event = shopRegistry.decode(stored) as ShopEvent;
  const { actor, commandId } = stored.metadata as { actor?: { kind: string; id: string }; commandId: string };
  const by = actor ? `${actor.kind} ${actor.kind === 'process' ? actor.id : actor.id.slice(-4)}` : 'nobody';
  const line = `${Number(stored.position.commit)} ${at(event)} by ${by}, command ${commandId.slice(-4)}: ${tellingOf(event)}`;
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)} …` : line;
}

/** What of its data tells something to who looks for a fault. */
function tellingOf({ type, data, id }: ShopEvent): string {
  switch (type) {
    case 'Reacted': {
      const { source, state, commands, timeouts } = data;
      const to = source.kind === 'event' ? `event ${source.eventId}` : source.kind;
      const issued = commands.map(({ name, notAfter }) => `${name} until ${notAfter}`);
      const waits = timeouts.map(({ name, dueAt }) => `${name} due ${dueAt}`);
      return `to ${to} up to ${Number(source.position.split('/')[0])}; ${String(state['phase'])}; ${[...issued, ...waits].join(', ')}`;
    }
    case 'Settled':
      return `of ${data.reaction}: ${data.results.map((result) => `${result.name} ${outcomeOf(result)}`).join(', ')}`;
    default:
      return `event ${id} ${JSON.stringify(short(data))}`;
  }
}

const outcomeOf = (result: { readonly outcome: string; readonly code?: string }): string =>
  result.code === undefined ? result.outcome : `${result.outcome} (${result.code})`;

/** Without sealed text and prices, which tell nothing here. */
function short(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(short);
  if (typeof value !== 'object' || value === null) return value;
  if ('ct' in value) return 'sealed';
  const told = Object.entries(value).filter(([name, member]) => !DULL.has(name) && !same(member, {}));
  return Object.fromEntries(told.map(([name, member]) => [name, short(member)]));
}

const DULL = new Set([
  'totals',
  'deliverTo',
  'contact',
  'unitPrice',
  'name',
  'sku',
  'productRevision',
  'taxClass',
  'sellerId',
]);
