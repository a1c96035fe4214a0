import { Logger } from '@nestjs/common';
import { startShop, type RunningShop } from '../support/shop-app';

describe('the log', () => {
  let shop: RunningShop;
  beforeAll(async () => (shop = await startShop()));
  afterAll(() => shop.stop());

  it('says of each change of what an account may do which account it is and who did it, once', async () => {
    const warned = jest.spyOn(Logger.prototype, 'warn');
    const token = shop.tokens.admin;
    const path = `/api/admin/accounts/${shop.sellerId}`;
    const { accountId: by } = (await shop.request('GET', '/api/auth/me', { token })).body.account;
    const grant = { token, body: { role: 'support' } };
    for (let n = 0; n < 2; n++) await shop.request('POST', `${path}/roles`, grant);
    await shop.request('DELETE', `${path}/roles/support`, { token });
    await shop.request('POST', `${path}/disable`, { token });
    await shop.request('POST', `${path}/enable`, { token });
    const told = warned.mock.calls.map(([line]) => String(line)).filter((line) => line.startsWith('Account '));
    expect(told).toEqual(
      ['got the role support', 'lost the role support', 'was disabled', 'was enabled'].map(
        (what) => `Account ${shop.sellerId} ${what}, by ${by}.`,
      ),
    );
    warned.mockRestore();
  });
});
