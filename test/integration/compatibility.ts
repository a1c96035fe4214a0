import type { Json, JsonObject } from '#src/kernel/json';

/** Words of JSON Schema that tell people something and validate nothing. */
const ANNOTATIONS = ['title', 'description', 'examples', '$comment', '$schema'];
/** Words whose members are schemas by names of their own. */
const MAPS = ['properties', 'patternProperties', '$defs'];

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The schema without what is for people: this is what a released schema must go on saying. */
export function assertionsOf(schema: JsonObject): JsonObject {
  const kept = Object.entries(schema).filter(([word]) => !ANNOTATIONS.includes(word));
  return Object.fromEntries(kept.map(([word, value]) => [word, assertionOf(word, value)]));
}

function assertionOf(word: string, value: Json | undefined): Json | undefined {
  if (!isObject(value)) return value;
  if (!MAPS.includes(word)) return assertionsOf(value);
  return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, assertionsOf(schema as JsonObject)]));
}

/**
 * What a changed schema breaks for whoever reads by the released one, or reads old events by the new one. Only one change breaks
 * nothing: an object has more members, which are optional.
 */
export function breaks(released: JsonObject, changed: JsonObject, at = ''): string[] {
  const words = [...new Set([...Object.keys(released), ...Object.keys(changed)])];
  return words.flatMap((word) => {
    const [before, now] = [released[word], changed[word]];
    const place = `${at}/${word}`;
    if (word === 'required') return sameNames(before, now) ? [] : [`${place} has changed`];
    if (MAPS.includes(word) && isObject(before) && isObject(now)) return breaksOfMembers(before, now, place);
    if (isObject(before) && isObject(now)) return breaks(before, now, place);
    return JSON.stringify(before) === JSON.stringify(now) ? [] : [`${place} has changed`];
  });
}

function breaksOfMembers(released: JsonObject, changed: JsonObject, at: string): string[] {
  return Object.entries(released).flatMap(([name, schema]) => {
    const now = changed[name];
    return isObject(now) ? breaks(schema as JsonObject, now, `${at}/${name}`) : [`${at}/${name} is gone`];
  });
}

const sameNames = (a: Json | undefined, b: Json | undefined): boolean =>
  JSON.stringify([...((a ?? []) as string[])].sort()) === JSON.stringify([...((b ?? []) as string[])].sort());
