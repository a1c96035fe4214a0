import type { Process } from '#src/kernel/processes/process';
import {
  courier,
  cursed,
  nudged,
  sent,
  sighted,
  Visit,
  visit,
  type Courier,
  type ParcelEvent,
} from '../../support/couriers';
import { done, refused, run, settled, skipped, timedOut } from '../../support/given-process';

const of = (parcel: string, event: ParcelEvent) => ({ ...event, stream: `parcel-${parcel}` });

describe('the grammar of processes', () => {
  it('expects exactly the commands and timeouts of a reaction', () => {
    const dueAt = '2026-01-01T13:00:00.000Z';
    run(courier)
      .given()
      .when(of('p', sent(['market', 'mill'], { timeouts: [{ name: 'evening', dueAt }] })))
      .then({
        commands: [visit('p', 'market'), visit('p', 'mill')],
        timeouts: [{ name: 'evening', dueAt }],
        state: { parcel: 'p', later: [] },
      });
  });

  it('folds what was before, also settlements and timeouts', () => {
    run(courier)
      .given(of('p', sent(['market'], { later: ['mill', 'port'] })), settled([done(Visit)]), timedOut('evening'))
      .when(settled([done(Visit)]))
      .then({ commands: [visit('p', 'port')], state: { later: [] } });
  });

  it('tells the results of commands', () => {
    run(courier)
      .given(of('p', sent(['closed', 'mill'])))
      .when(settled([refused(Visit, 'stop-closed'), skipped(Visit)]))
      .then({ commands: [], state: { refused: ['Visit'] } });
  });

  it('expects nothing', () => {
    run(courier)
      .given(of('p', nudged(1)))
      .when(of('p', sighted))
      .thenNothing();
  });

  it.each([
    [
      'a missing command',
      () =>
        run(courier)
          .given()
          .when(of('p', nudged(1)))
          .then({ commands: [] }),
    ],
    [
      'another command',
      () =>
        run(courier)
          .given()
          .when(of('p', nudged(1)))
          .then({ commands: [visit('p', 'nudge-2')] }),
    ],
    ['nothing, where something was expected', () => run(courier).given().when(of('p', sighted)).then({ commands: [] })],
    [
      'something, where nothing was expected',
      () =>
        run(courier)
          .given()
          .when(of('p', nudged(1)))
          .thenNothing(),
    ],
    [
      'events of two instances',
      () =>
        run(courier)
          .given(of('p', nudged(1)))
          .when(of('q', nudged(1))),
    ],
    ['an error', () => run(courier).given().when(of('p', cursed))],
    [
      'a command that is not declared',
      () =>
        run({ ...courier, commands: [] })
          .given()
          .when(of('p', nudged(1))),
    ],
    [
      'a state that JSON would lose',
      () =>
        run(forgetful)
          .given()
          .when(of('p', nudged(1))),
    ],
    [
      'a state that is changed in place',
      () =>
        run(sloppy)
          .given(of('p', nudged(1)))
          .when(of('p', nudged(2))),
    ],
  ])('fails at %s', (_, test) => {
    expect(test).toThrow();
  });
});

const forgetful = {
  ...courier,
  react: (state: Courier) => ({ state: { ...state, since: new Date(0) } }),
} as Process<Courier, ParcelEvent>;

const sloppy: Process<Courier, ParcelEvent> = {
  ...courier,
  react: (state) => ({ state: Object.assign(state, { nudges: state.nudges + 1 }) }),
};
