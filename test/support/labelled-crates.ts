import Type from 'typebox';
import type { Aggregate } from '#src/kernel/aggregate';
import { Aggregates, WritePath, type Changed } from '#src/kernel/aggregates';
import { claimEvents, Claims, type ClaimScope } from '#src/kernel/claims';
import { SystemClock, type Clock } from '#src/kernel/clock';
import type { Command } from '#src/kernel/commands';
import { defineEvents, EventRegistry, v1, type EventOf } from '#src/kernel/event-definitions';
import type { EventStore } from '#src/kernel/event-store/event-store';
import { deriveId } from '#src/kernel/ids';
import { rejections } from '#src/kernel/rejection';
import { markEvents } from '#src/kernel/write-path/mark.events';

/** A crate bears at most one label, and no two crates bear the same: the smallest aggregate that has a name. */
const crateEvents = defineEvents('crate', {
  LabelPut: v1({ label: Type.String() }),
  LabelTakenOff: v1({}),
  CrateMoved: v1({}),
});
type CrateEvent = EventOf<typeof crateEvents>;

export interface Crate {
  readonly label: string | null;
}

const crate: Aggregate<Crate, CrateEvent> = {
  name: 'crate',
  stateVersion: 1,
  initial: { label: null },
  events: crateEvents,
  evolve: (crate, { type, data }) =>
    type === 'CrateMoved' ? crate : { label: type === 'LabelPut' ? data.label : null },
};

const rejected = rejections({ 'label-taken': [409, 'Another crate has this label.'] });

class CratePath extends WritePath {
  override readonly registry = new EventRegistry([crateEvents, claimEvents, markEvents]);

  constructor(
    override readonly store: EventStore,
    override readonly clock: Clock = new SystemClock(),
  ) {
    super();
  }
  override warn(): void {}
}

export interface CratesOptions {
  readonly clock?: Clock;
  readonly patienceMs?: number;
}

/** One process that labels crates. */
export class Crates {
  readonly claims: Claims;
  readonly labels: ClaimScope<Crate>;
  private readonly crates: Aggregates<Crate, CrateEvent>;

  constructor(store: EventStore, { clock, patienceMs }: CratesOptions = {}) {
    const path = new CratePath(store, clock);
    this.crates = new Aggregates(path, crate);
    this.claims = new Claims(path, (scope, name) => deriveId('claims', `${scope}/${name}`), patienceMs);
    this.labels = {
      name: 'label',
      aggregate: crate.name,
      owners: this.crates,
      has: (crate, name) => crate.label === name,
      taken: () => rejected('label-taken'),
    };
  }

  /** Claims the label and puts it on the crate, which is made by that if need be. */
  label(command: Command, crateId: string, label: string): Promise<Changed<Crate>> {
    return this.crates.change(command, crateId, {
      fetchFor: async (crate) => {
        if (crate.label !== label) await this.claim(command, crateId, label);
      },
      decide: (crate) => (crate.label === label ? [] : [{ type: 'LabelPut', data: { label } }]),
    });
  }

  /** The first half of it. */
  claim(command: Command, crateId: string, ...labels: string[]): Promise<void> {
    const wanted = labels.map((name) => ({ scope: this.labels, name }));
    return this.claims.claim(command, crateId, wanted);
  }

  takeOff(command: Command, crateId: string): Promise<Changed<Crate>> {
    return this.crates.change(command, crateId, {
      decide: ({ label }) => (label === null ? [] : [{ type: 'LabelTakenOff', data: {} }]),
    });
  }

  move(command: Command, crateId: string): Promise<Changed<Crate>> {
    return this.crates.change(command, crateId, { decide: () => [{ type: 'CrateMoved', data: {} }] });
  }

  async labelOf(crateId: string): Promise<string | null> {
    return (await this.crates.get(crateId)).state.label;
  }

  ownerOf(label: string): Promise<string | null> {
    return this.claims.ownerOf(this.labels, label);
  }
}
