import { pathToFileURL } from 'node:url';
import { basename } from 'node:path';
import { allProjections } from '#src/contexts';
import type { EventRegistry } from '../../kernel/event-definitions';
import { messageOf } from '../../kernel/message-of';
import type { Projection } from '../../kernel/read-models/projection';
import { Rejected } from '../../kernel/rejection';
import type { CandidateDecision } from './decision-walk';
import { allDecisions } from './all-decisions';
import type { Decide } from '../../decisions/decision';
import { NoCandidate } from './messages';
import type { CandidateProjection } from './projection-walk';

/** What a module wants to be tried. */
export interface Candidate {
  readonly decisions: readonly CandidateDecision[];
  readonly projections: readonly CandidateProjection[];
}

/**
 * Runs a module and asks it for what is to be tried: its `whatIf({ projections, decisions, rejected })` gets what this release has, by
 * name, and answers `{ projections: […], decisions: { … } }`.
 * @throws NoCandidate
 */
export async function loadCandidate(file: string, registry: EventRegistry): Promise<Candidate> {
  const name = basename(file);
  const whatIf = whatIfIn(await attempt(() => import(pathToFileURL(file).href), `${name} can’t be loaded`));
  if (typeof whatIf !== 'function')
    throw new NoCandidate(
      `${name} exports no function whatIf; write: export const whatIf = ({ projections, decisions, rejected }) => ({ decisions: { … } });`,
    );
  const answer = await attempt(() => (whatIf as (live: object) => unknown)(liveByName()), `whatIf of ${name} fails`);
  if (!isObject(answer))
    throw new NoCandidate(`whatIf of ${name} answers no object; it has projections, decisions, or both.`);
  const candidate = {
    decisions: decisionsIn(answer['decisions'] ?? {}),
    projections: projectionsIn(answer['projections'] ?? [], registry),
  };
  if (candidate.decisions.length + candidate.projections.length === 0)
    throw new NoCandidate(`whatIf of ${name} names neither a decision nor a projection. ${KNOWN}`);
  return candidate;
}

const names = (named: readonly { readonly name: string }[]): string => named.map(({ name }) => name).join(', ');

const KNOWN = `There are the decisions ${names(allDecisions)}, and the projections ${names(allProjections)}.`;

/** What a candidate may wrap. Copies: a module that writes into them changes nothing of the shop’s. */
const liveByName = () => ({
  projections: Object.fromEntries(allProjections.map((each) => [each.name, { ...each, on: { ...each.on } }])),
  decisions: Object.fromEntries(allDecisions.map(({ name, decide }) => [name, decide])),
  rejected: (code: string, details?: Readonly<Record<string, unknown>>) => new Rejected(code, details),
});

/** Of a CommonJS module, all that it exports is its `default`. */
function whatIfIn(module: unknown): unknown {
  const { whatIf, default: exported } = module as { whatIf?: unknown; default?: unknown };
  return whatIf ?? (isObject(exported) ? exported['whatIf'] : undefined);
}

async function attempt<T>(work: () => T | Promise<T>, what: string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new NoCandidate(`${what}: ${messageOf(error)}`);
  }
}

function decisionsIn(given: unknown): CandidateDecision[] {
  if (!isObject(given)) throw new NoCandidate('decisions is an object, of functions by the names of decisions.');
  return Object.entries(given).map(([name, decide]) => {
    const decision = allDecisions.find((known) => known.name === name);
    if (!decision) throw new NoCandidate(`There is no decision ${name}; there are ${names(allDecisions)}.`);
    if (typeof decide !== 'function')
      throw new NoCandidate(`${name} is no function; a decision is (state, input) => events.`);
    return { decision, decide: decide as Decide };
  });
}

function projectionsIn(given: unknown, registry: EventRegistry): CandidateProjection[] {
  if (!Array.isArray(given)) throw new NoCandidate('projections is a list of projections.');
  const projections = given.map((each) => projectionIn(each, registry));
  projections.forEach(({ candidate: { name } }, n) => {
    if (projections.findIndex(({ candidate }) => candidate.name === name) < n)
      throw new NoCandidate(`The projection ${name} is given twice.`);
  });
  return projections;
}

function projectionIn(given: unknown, registry: EventRegistry): CandidateProjection {
  if (!isObject(given) || typeof given['name'] !== 'string' || !isObject(given['on']))
    throw new NoCandidate('A projection is { name, on: { <type of event>: { keys, evolve } } }.');
  const { name, on } = given as { name: string; on: Record<string, unknown> };
  for (const [type, fold] of Object.entries(on)) {
    if (!registry.all.has(type)) throw new NoCandidate(`The projection ${name} folds ${type}, which is no event.`);
    if (!isObject(fold) || typeof fold['keys'] !== 'function' || typeof fold['evolve'] !== 'function')
      throw new NoCandidate(`The projection ${name} has no functions keys and evolve for ${type}.`);
  }
  const live = allProjections.find((projection) => projection.name === name) ?? null;
  return { candidate: { version: 1, indexes: [], ...given } as unknown as Projection, live };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
