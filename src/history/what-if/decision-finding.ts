import type { Actor } from '../../kernel/events';
import type { Json } from '../../kernel/json';
import { stampOf } from '../../kernel/position';
import { orderNumberOf } from '../../words/order-number';
import { withPseudonyms } from '../export/pseudonyms';
import type { JudgedDecision } from './decision-walk';
import type { Verdict } from './judge';

/** A decision that would have come to something else, as analysts are given it: sealed values are their pseudonyms. */
export type DecisionFinding = {
  readonly name: string;
  /** As a stamp: of its first event, or of the end of the process's commands, where it came to none. */
  readonly position: string;
  readonly stream: string;
  /** null: the stream did not exist yet. */
  readonly revision: number | null;
  readonly recordedAt: string;
  readonly actor: Actor;
  readonly commandId: string;
  readonly orderNumber?: string;
} & Verdict;

export const findingOf = ({
  name,
  stream,
  revision,
  at,
  actor,
  orderId,
  verdict,
}: JudgedDecision): DecisionFinding => ({
  name,
  position: stampOf(at.position),
  stream,
  revision: revision < 0 ? null : revision,
  recordedAt: at.recordedAt,
  actor,
  commandId: at.metadata.commandId,
  ...(orderId === null ? {} : { orderNumber: orderNumberOf(orderId) }),
  ...(withPseudonyms(verdict as unknown as Json) as unknown as Verdict),
});
