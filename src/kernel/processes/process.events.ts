import Type from 'typebox';
import { defineEvents, v1, type EventOf } from '../event-definitions';
import type { Stored } from '../events';
import type { JsonObject } from '../json';
import type { CommandResult } from './process';

const Revision = Type.Integer({ minimum: 0 });
const closed = { additionalProperties: false };

/**
 * What a reaction was made to. `position` is the stamp of the last event of the shop that the state takes account of, so that
 * no event is decided twice, whatever the instance reacted to since.
 */
const Source = Type.Union([
  Type.Object({ kind: Type.Literal('event'), position: Type.String(), eventId: Type.String() }, closed),
  /** `revision`: that of the Settled event, in this stream. */
  Type.Object({ kind: Type.Literal('settled'), position: Type.String(), revision: Revision }, closed),
  Type.Object(
    { kind: Type.Literal('timeout'), position: Type.String(), name: Type.String(), dueAt: Type.String() },
    closed,
  ),
]);

const StoredCommand = Type.Object(
  {
    /** Derived from the stream, the revision of the reaction and the command's place in it: the same at every try. */
    id: Type.String({ format: 'uuid' }),
    name: Type.String(),
    data: Type.Unsafe<JsonObject>(Type.Object({})),
    /** ISO 8601, UTC. */
    notAfter: Type.String(),
  },
  closed,
);

/** `dueAt`: ISO 8601, by the clock of who stored it. */
const StoredTimeout = Type.Object(
  {
    name: Type.String(),
    dueAt: Type.String(),
    /** Milliseconds from the reaction to `dueAt`; null: that moment of the calendar was asked for. The first release left it out. */
    afterMs: Type.Optional(Type.Union([Type.Integer({ minimum: 0 }), Type.Null()])),
  },
  closed,
);

const Result = Type.Unsafe<CommandResult>(
  Type.Union([
    Type.Object({ name: Type.String(), outcome: Type.Literal('done'), revision: Type.Integer() }, closed),
    Type.Object(
      { name: Type.String(), outcome: Type.Literal('rejected'), code: Type.String(), details: Type.Object({}) },
      closed,
    ),
    Type.Object({ name: Type.String(), outcome: Type.Literal('skipped') }, closed),
  ]),
);

/**
 * All that is ever stored of a process, in the stream `<process>-<id>` of each instance. The types are shared by all processes:
 * an instance is restored from its own stream alone.
 */
export const processEvents = defineEvents('process', {
  /** The instance's whole state after it reacted, the commands to issue and the timeouts to wait for. */
  Reacted: v1({
    source: Source,
    stateVersion: Type.Integer(),
    state: Type.Unsafe<JsonObject>(Type.Object({})),
    commands: Type.Array(StoredCommand),
    timeouts: Type.Array(StoredTimeout),
  }),
  /** How the commands of the reaction at revision `reaction` ended. The reaction to that, if any, is in the same append. */
  Settled: v1({ reaction: Revision, results: Type.Array(Result) }),
});

export type ProcessEvent = EventOf<typeof processEvents>;
export type StoredProcessEvent = Stored<ProcessEvent>;
export type Reacted = Extract<ProcessEvent, { type: 'Reacted' }>['data'];
export type Settled = Extract<ProcessEvent, { type: 'Settled' }>['data'];
export type StoredCommand = Reacted['commands'][number];
export type ReactionSource = Reacted['source'];
