import { columns, describe, shortly } from '../cli/describe';
import { describeDifferences } from '../cli/step-text';
import { textOfPosition } from '../../kernel/instant';
import type { Json } from '../../kernel/json';
import { positionOfStamp } from '../../kernel/position';
import type { DecisionFinding } from './decision-finding';
import type { DecisionCounts } from './decision-walk';
import type { Outcome } from './judge';
import type { Finding } from './messages';
import type { DocumentCounts, DocumentFinding } from './projection-walk';
import type { WhatIf } from './run-what-if';

/** What every reader of a report has to know. */
export const NOTE =
  'Each decision is judged on the state as it truly was then: what would have followed from another outcome is not played on.';

const grouped = (count: number): string => count.toLocaleString('en-US');

/** One thing that was found, for people. */
export const findingText = (finding: Finding): string[] =>
  finding.what === 'decision' ? decisionText(finding) : documentText(finding);

function decisionText(finding: DecisionFinding): string[] {
  const { name, stream, revision, recordedAt, actor, position, orderNumber } = finding;
  const order = orderNumber === undefined ? '' : `, order ${orderNumber}`;
  return [
    `${name}  ${revision === null ? stream : `${stream}/${revision}`}  ${recordedAt}  at ${placeText(position)}`,
    `  by ${actor.kind} ${actor.id}${order}: ${outcomeText(finding)}`,
    ...(finding.outcome === 'different' ? describeDifferences(finding.differences, 4) : []),
    ...(finding.outcome === 'taken'
      ? finding.events.flatMap(({ type, data }) => [`    ${type}`, ...describe(data as Json, 6)])
      : []),
    '',
  ];
}

function outcomeText(finding: DecisionFinding): string {
  switch (finding.outcome) {
    case 'same':
      return 'would have come to the same';
    case 'different':
      return 'would have come to something else';
    case 'refused':
      return `would have been refused (${finding.code})${detailsText(finding.details)}`;
    case 'taken':
      return `was refused (${finding.code}), would have been taken${finding.events.length === 0 ? ', with nothing to do' : ''}`;
    case 'failed':
      return `the candidate fails: ${finding.error}`;
    case 'notComparable':
      return `not comparable. ${finding.why}`;
  }
}

const detailsText = (details: Json): string =>
  Object.keys(details ?? {}).length > 0 ? ` ${shortly(details, 200)}` : '';

function documentText(finding: DocumentFinding): string[] {
  const head = `${finding.projection}  ${finding.key}  ${DOCUMENT_TEXTS[finding.outcome]}`;
  switch (finding.outcome) {
    case 'changed':
      return [head, ...describeDifferences(finding.differences), ''];
    case 'failed':
    case 'notComparable':
      return [`${head}: ${finding.error} (${finding.type} at ${placeText(finding.position)})`, ''];
    default:
      return [head, ...describe(finding.document, 2), ''];
  }
}

const DOCUMENT_TEXTS: Readonly<Record<DocumentFinding['outcome'], string>> = {
  changed: 'would have been another',
  missing: 'would not have been there',
  added: 'would have been there',
  made: 'would have been made',
  failed: 'can’t be folded any further',
  notComparable: 'can’t be folded by this release',
};

const placeText = (stamp: string): string => textOfPosition(positionOfStamp(stamp));

/** The counts, and what they are as of. `shown`: how many of the findings were told before. */
export function summaryText({ asOf, events, decisions, projections }: WhatIf, shown: { found: number; told: number }) {
  return [
    ...table('decision', decisions.map(decisionRow)),
    ...table('documents of', projections.map(documentRow)),
    ...(shown.found > shown.told
      ? [`${grouped(shown.told)} of ${grouped(shown.found)} findings are shown; --most shows more, --json all.`]
      : []),
    ...(decisions.length > 0 ? [NOTE] : []),
    asOf
      ? `As of position ${placeText(asOf.position)} (${asOf.recordedAt}), ${grouped(events)} events.`
      : 'There was nothing yet.',
  ];
}

type Row = readonly [name: string, counts: Readonly<Record<string, number>>];

const OUTCOME_NAMES: Readonly<Record<Outcome, string>> = {
  same: 'same',
  different: 'different',
  refused: 'would be refused',
  taken: 'would be taken',
  failed: 'failed',
  notComparable: 'not comparable',
};

const decisionRow = ({ name, judged, ...counts }: DecisionCounts): Row => [
  name,
  {
    judged,
    ...Object.fromEntries(Object.entries(OUTCOME_NAMES).map(([outcome, text]) => [text, counts[outcome as Outcome]])),
  },
];

const documentRow = ({ projection, isNew, made, same, ...counts }: DocumentCounts): Row => [
  isNew ? `${projection} (new)` : projection,
  {
    same,
    changed: counts.changed,
    'only in the shop': counts.missing,
    'only in the candidate': isNew ? made : counts.added,
    failed: counts.failed,
    'not comparable': counts.notComparable,
  },
];

/** Counts under their names, to the right. */
function table(title: string, rows: readonly Row[]): string[] {
  const [first] = rows;
  if (!first) return [];
  const names = Object.keys(first[1]);
  const cells = (texts: readonly string[]) =>
    texts.map((text, n) => text.padStart(Math.max(names[n]!.length, 6))).join('  ');
  const lines = rows.map(([name, counts]): [string, string] => [
    name,
    cells(names.map((each) => grouped(counts[each]!))),
  ]);
  return [...columns([[title, cells(names)], ...lines]), ''];
}
