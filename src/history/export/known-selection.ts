import { allEvents, processNames } from '../../contexts';
import { partsOf } from '../../kernel/aggregate';
import type { Selection } from './selection';

const TYPES: ReadonlySet<string> = new Set(allEvents.flatMap(({ types }) => Object.keys(types)));
/** What the names of streams begin with; those of a process with its name. */
const AGGREGATES: ReadonlySet<string> = new Set([...allEvents.map(({ aggregate }) => aggregate), ...processNames]);

/** A name in a selection that nothing in this release has. */
export interface UnknownName {
  readonly member: 'types' | 'streams';
  readonly name: string;
  /** One sentence, which names what there is that is most like it. */
  readonly detail: string;
}

/** The first name of a selection that no type of event, or no aggregate, has; null: all are known. */
export function unknownIn({ types, streams }: Pick<Selection, 'types' | 'streams'>): UnknownName | null {
  for (const name of types)
    if (!TYPES.has(name)) return { member: 'types', name, detail: detailOf('event type', name, TYPES) };
  for (const name of streams) {
    const { aggregate } = partsOf(name);
    if (!AGGREGATES.has(aggregate))
      return { member: 'streams', name, detail: detailOf('aggregate', aggregate, AGGREGATES) };
  }
  return null;
}

/** Aggregates are few, and all are named. */
const FEW = 30;

function detailOf(kind: string, name: string, known: ReadonlySet<string>): string {
  const lower = name.toLowerCase();
  const alike = [...known].filter((other) => {
    const text = other.toLowerCase();
    return lower !== '' && (text.startsWith(lower) || lower.startsWith(text));
  });
  const named = alike.length > 0 ? alike : known.size <= FEW ? [...known].sort() : [];
  const hint = named.length > 0 ? `; there is ${named.join(', ')}` : '';
  return `There is no ${kind} ${JSON.stringify(name)}${hint}.`;
}
