import { Attempts } from '#src/accounts/attempts';
import { OF_A_DEVICE } from '#src/accounts/guesses';
import { LogIns } from '#src/accounts/log-ins';
import { newId } from '#src/kernel/ids';
import { Rejected } from '#src/kernel/rejection';
import { SetStopwatch } from '../support/set-stopwatch';

/** The owner of an account, on a device that is known, while the queue of passwords is `busy`. */
class Owner {
  busy = true;
  private readonly state = { status: 'active', credential: newId() };
  private readonly logIns = new LogIns(
    { get: async () => ({ state: this.state, revision: 0, position: null }) } as never,
    { claimIdOf: () => 'claim', ownerOf: async () => 'account' } as never,
    { match: async () => this.isRight() } as never,
    new Attempts(new SetStopwatch()),
    { speaksFor: () => true } as never,
    { knows: async () => true, remember: async () => undefined } as never,
  );

  async logsIn(): Promise<string> {
    const visitor = { network: '192.0.2.1', device: { deviceId: 'phone' } as never };
    return this.logIns.authenticate('ann@example.com', 'right', visitor).then(
      () => 'in',
      (error: unknown) => (error as Rejected).code,
    );
  }

  private isRight(): boolean {
    if (this.busy) throw new Rejected('passwords-busy', {});
    return true;
  }
}

it('an attempt that was not looked at is no guess: when the queue of passwords has room, the owner is let in', async () => {
  const owner = new Owner();
  for (let n = 0; n < 3 * OF_A_DEVICE; n++) expect(await owner.logsIn()).toBe('passwords-busy');
  owner.busy = false;
  expect(await owner.logsIn()).toBe('in');
});
