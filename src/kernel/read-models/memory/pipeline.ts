import type { Json, JsonObject } from '../../json';
import type { Stage } from '../pipeline-language';
import type { Condition } from '../query-language';
import { matcherOf } from './matcher';
import { documentComparator } from './order';
import { documentSelection } from './selection';
import type { Steps } from './steps';
import { isDocument, type Path } from './values';

type StageOf<N extends Stage['name']> = Extract<Stage, { name: N }>;

/** Runs stages over documents that have their `_id`. None of the documents, which may be frozen, is changed. @throws QueryTimedOut */
export async function runStages(
  documents: readonly JsonObject[],
  stages: readonly Stage[],
  steps: Steps,
): Promise<JsonObject[]> {
  let result = [...documents];
  for (const stage of stages)
    result = stage.name === '$group' ? await grouped(result, stage, steps) : await steps.run(run(result, stage, steps));
  return result;
}

function* run(
  documents: JsonObject[],
  stage: Exclude<Stage, { name: '$group' }>,
  steps: Steps,
): Generator<void, JsonObject[]> {
  switch (stage.name) {
    case '$match':
      return yield* matching(documents, stage.conditions, steps);
    case '$sort':
      return documents.sort(documentComparator(stage.sort, steps));
    case '$limit':
      return documents.slice(0, stage.limit);
    case '$unwind':
      return yield* unwinding(documents, stage.path.split('.'), steps);
    case '$project':
      return yield* each(documents, projector(stage), steps);
  }
}

function* each(
  documents: readonly JsonObject[],
  make: (document: JsonObject) => JsonObject,
  steps: Steps,
): Generator<void, JsonObject[]> {
  const made: JsonObject[] = [];
  for (const document of documents) {
    if (steps.tick()) yield;
    made.push(make(document));
  }
  return made;
}

function* unwinding(documents: readonly JsonObject[], path: Path, steps: Steps): Generator<void, JsonObject[]> {
  const result: JsonObject[] = [];
  for (const document of documents) {
    for (const part of unwound(document, path)) {
      if (steps.tick()) yield;
      result.push(part);
    }
  }
  return result;
}

/**
 * mingo groups. It is loaded when a pipeline first needs it: its operators come all together and take 14 MB. (The other stages
 * are not left to it: it sorts a missing field before null, unwinds no empty text, and changes documents to exclude fields.)
 */
async function grouped(
  documents: readonly JsonObject[],
  { stage }: StageOf<'$group'>,
  steps: Steps,
): Promise<JsonObject[]> {
  const [{ Aggregator }, { Context }, { $group }, accumulators] = await Promise.all([
    import('mingo/aggregator'),
    import('mingo/core'),
    import('mingo/operators/pipeline'),
    import('mingo/operators/accumulator'),
  ]);
  const { $sum, $avg, $min, $max, $first, $last } = accumulators;
  const context = Context.init({ pipeline: { $group }, accumulator: { $sum, $avg, $min, $max, $first, $last } });
  return new Aggregator([stage], { context }).run<JsonObject>(stepping(documents, steps));
}

function* stepping(documents: readonly JsonObject[], steps: Steps): Generator<JsonObject, void> {
  for (const document of documents) {
    steps.tick();
    yield document;
  }
}

function* matching(
  documents: readonly JsonObject[],
  conditions: readonly Condition[],
  steps: Steps,
): Generator<void, JsonObject[]> {
  const matches = matcherOf(conditions);
  const found: JsonObject[] = [];
  for (const document of documents) {
    if (steps.tick()) yield;
    if (matches(document, document['_id'] as string)) found.push(document);
  }
  return found;
}

/** One document per member of the list at the path; the document itself where the value is no list; else none. */
function unwound(document: JsonObject, path: Path): JsonObject[] {
  const value = path.reduce<unknown>((node, name) => (isDocument(node) ? node[name] : undefined), document);
  if (Array.isArray(value)) return value.map((member: Json) => replaced(document, path, member));
  return value == null ? [] : [document];
}

function replaced(document: JsonObject, [name, ...below]: Path, value: Json): JsonObject {
  const field = name as string;
  if (below.length === 0) return { ...document, [field]: value };
  return { ...document, [field]: replaced(document[field] as JsonObject, below, value) };
}

function projector({ stage, computed }: StageOf<'$project'>): (document: JsonObject) => JsonObject {
  const choices = Object.entries(stage['$project'] as Record<string, 0 | 1 | string>);
  const plain = choices.filter(([field]) => !(field in computed)) as [string, 0 | 1][];
  const expressions = Object.entries(computed).map(([field, { path }]) => ({ field, path: path.split('.') }));
  // Computed fields make it an inclusion, also where no other field is named.
  const included = plain.some(([field]) => field !== '_id') || expressions.length === 0;
  const select = included
    ? documentSelection(Object.fromEntries(plain))
    : ({ _id }: JsonObject): JsonObject =>
        _id === undefined || plain.some(([, choice]) => choice === 0) ? {} : { _id };
  return (document) => {
    const result: Record<string, Json | undefined> = { ...select(document) };
    for (const { field, path } of expressions) {
      const value = valueOf(document, path);
      if (value !== undefined) result[field] = value;
    }
    return result;
  };
}

/** The value of `'$path'`: of a list on the way, the list of its documents' values. */
function valueOf(node: Json | undefined, path: Path, depth = 0): Json | undefined {
  if (depth === path.length) return node;
  if (Array.isArray(node)) {
    const documents = node.filter(isDocument) as JsonObject[];
    return documents.map((document) => valueOf(document, path, depth)).filter((value) => value !== undefined);
  }
  return isDocument(node) ? valueOf(node[path[depth] as string] as Json, path, depth + 1) : undefined;
}
