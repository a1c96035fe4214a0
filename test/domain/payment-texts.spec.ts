import { CURRENCIES } from '#src/words/currencies';
import { TEST_TOKENS } from '#src/payments/test-gateway';
import { hasCardNumber } from '#src/words/card-numbers';
import { GATEWAY_NAMES, gatewayNamed } from '#src/words/payment-gateways';

describe('the number of a card', () => {
  // Of the test numbers that payment networks and gateways publish.
  it.each([
    ['Visa', '4111111111111111'],
    ['Visa of 13 digits', '4222222222222'],
    ['Mastercard', '5555555555554444'],
    ['American Express', '378282246310005'],
    ['Diners Club', '30569309025904'],
    ['Maestro of 12 digits', '501800000009'],
    ['Maestro of 19 digits', '6304000000000000000'],
    ['grouped', '4111 1111 1111 1111'],
    ['with hyphens', '4111-1111-1111-1111'],
    ['within a text', 'card:4111111111111111;exp=12/30'],
    ['in full-width digits', '４１１１１１１１１１１１１１１１'],
  ])('is found: %s', (_, text) => expect(hasCardNumber(text)).toBe(true));

  it.each([
    ['a wrong check digit', '4111111111111112'],
    ['11 digits', '50180000007'],
    ['20 digits', '41111111111111111111'],
    ['a token', 'test-approved'],
    ['a token of another gateway', 'pm_1MqLiJLkdIwHu7ixUEgbFdYF'],
    ['nothing', ''],
  ])('is not seen in %s', (_, text) => expect(hasCardNumber(text)).toBe(false));
});

describe('gateways', () => {
  it('say what their tokens look like, and none looks like a card', () => {
    for (const name of GATEWAY_NAMES) {
      expect(gatewayNamed(name)?.token.test('4111111111111111')).toBe(false);
      expect(gatewayNamed(name)?.token.test('')).toBe(false);
    }
    for (const token of Object.keys(TEST_TOKENS)) expect(gatewayNamed('test')?.token.test(token)).toBe(true);
  });

  it.each(['Test', 'toString', '', undefined])('are none of other names: %s', (name) =>
    expect(gatewayNamed(name)).toBeUndefined(),
  );
});

describe('currencies', () => {
  it.each(['EUR', 'USD', 'JPY', 'KWD', 'XOF', 'XCG'])('are in use: %s', (code) =>
    expect(CURRENCIES.has(code)).toBe(true),
  );

  it.each(['ZZZ', 'XXX', 'XTS', 'XAU', 'DEM', 'HRK', 'eur', 'EURO', ''])('are not: %j', (code) =>
    expect(CURRENCIES.has(code)).toBe(false),
  );

  it('are spelled as Unicode knows them, but for such as it does not tell yet', () => {
    const known = new Set(Intl.supportedValuesOf('currency'));
    expect([...CURRENCIES].filter((code) => !known.has(code) && !['VED', 'XCG', 'ZWG'].includes(code))).toEqual([]);
  });
});
