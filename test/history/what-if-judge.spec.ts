import { allEvents } from '#src/contexts';
import { addItem, cart, type Cart } from '#src/cart/cart';
import { answerOf, type Answer, isAsStored, judge, whyNotComparable } from '#src/history/what-if/judge';
import { EventRegistry } from '#src/kernel/event-definitions';
import type { DomainEvent } from '#src/kernel/events';
import { Rejected } from '#src/kernel/rejection';
import { SEALED } from './sample-log';

const registry = new EventRegistry(allEvents);

const removed = (lineId: string): DomainEvent => ({ type: 'ItemRemovedFromCart', data: { lineId, variantId: 'mug' } });
const cleared: DomainEvent = { type: 'CartCleared', data: {} };
const taken = (...events: DomainEvent[]): Answer => ({ events });
const refused = (code: string, details = {}): Answer => ({ refused: { code, details } });

describe('a decision that was taken', () => {
  it('is the same where the candidate comes to the same events, whatever the order of their members', () => {
    const stored = taken(removed('7'));
    const candidate = taken({ data: { variantId: 'mug', lineId: '7' }, type: 'ItemRemovedFromCart' });
    expect(judge(candidate, stored, registry)).toEqual({ outcome: 'same' });
  });

  it('differs where a field differs', () => {
    expect(judge(taken(removed('8')), taken(removed('7')), registry)).toEqual({
      outcome: 'different',
      differences: [{ op: 'replace', path: '/0/data/lineId', before: '7', after: '8' }],
    });
  });

  it('differs where there are more events, or none', () => {
    expect(judge(taken(removed('7'), cleared), taken(removed('7')), registry)).toEqual({
      outcome: 'different',
      differences: [{ op: 'add', path: '/1', after: cleared }],
    });
    expect(judge(taken(), taken(cleared), registry)).toEqual({
      outcome: 'different',
      differences: [{ op: 'remove', path: '/0', before: cleared }],
    });
  });

  it('would be refused where the candidate refuses it', () => {
    expect(judge(refused('cart-full', { most: 3 }), taken(cleared), registry)).toEqual({
      outcome: 'refused',
      code: 'cart-full',
      details: { most: 3 },
    });
  });
});

describe('a decision that was refused', () => {
  it('is the same where the candidate refuses it for the same reason', () => {
    expect(judge(refused('cart-full', { most: 3 }), refused('cart-full'), registry)).toEqual({ outcome: 'same' });
  });

  it('differs where the candidate refuses it for another', () => {
    expect(judge(refused('cart-empty'), refused('cart-full'), registry)).toEqual({
      outcome: 'different',
      differences: [{ op: 'replace', path: '/code', before: 'cart-full', after: 'cart-empty' }],
    });
  });

  it('would be taken where the candidate takes it, also with nothing to do', () => {
    for (const events of [[cleared], []])
      expect(judge(taken(...events), refused('cart-full'), registry)).toEqual({
        outcome: 'taken',
        code: 'cart-full',
        events,
      });
  });
});

describe('what a candidate does in place of answering', () => {
  const failure = (decide: () => unknown): unknown =>
    judge(answerOf(decide as () => DomainEvent[], {}, {}), taken(cleared), registry);

  it.each<[string, () => unknown, string]>([
    [
      'throws',
      () => {
        throw new TypeError('no');
      },
      'no',
    ],
    ['promises', () => Promise.resolve([]), 'It did not answer a list of events.'],
    ['answers half an event', () => [{ type: 'CartCleared' }], 'It did not answer a list of events.'],
    ['makes up an event', () => [{ type: 'CartFlew', data: {} }], 'Event type CartFlew is not declared.'],
  ])('fails: it %s', (_, decide, error) => {
    expect(failure(decide)).toEqual({ outcome: 'failed', error });
  });

  it('fails: its event would not be stored', () => {
    expect(failure(() => [{ type: 'CartCleared', data: { why: 'it was full' } }])).toEqual({
      outcome: 'failed',
      error: expect.stringMatching(/^Event CartCleared does not match its schema/) as unknown,
    });
  });
});

describe('sealed values', () => {
  const data = (to: object) => ({ type: 'X', data: { to } });

  it('are compared as they are, and shown as pseudonyms', () => {
    const others = { ...SEALED, subject: 'guest-8' };
    const opened = new EventRegistry([]);
    jest.spyOn(opened, 'assertValid').mockReturnValue(undefined);
    expect(judge(taken(data(SEALED)), taken(data({ ...SEALED })), opened)).toEqual({ outcome: 'same' });
    const pseudonym = (subject: string) => ({ pseudonym: subject, purpose: SEALED.purpose, kind: SEALED.kind });
    expect(judge(taken(data(others)), taken(data(SEALED)), opened)).toEqual({
      outcome: 'different',
      differences: [{ op: 'replace', path: '/0/data/to', before: pseudonym('guest-7'), after: pseudonym('guest-8') }],
    });
  });
});

describe('the live decision', () => {
  it('has to come to what is stored, event by event, and to refuse with the same details', () => {
    expect(isAsStored(taken(cleared), taken(cleared))).toBe(true);
    expect(isAsStored(taken(), taken(cleared))).toBe(false);
    expect(isAsStored(refused('cart-full'), taken(cleared))).toBe(false);
    expect(isAsStored(refused('cart-full', { most: 1 }), refused('cart-full', { most: 1 }))).toBe(true);
    expect(isAsStored(refused('cart-full', { most: 2 }), refused('cart-full', { most: 1 }))).toBe(false);
    expect(isAsStored({ error: 'no' }, refused('cart-full'))).toBe(false);
  });

  it('is named where it does not', () => {
    expect(whyNotComparable(taken(), taken(cleared))).toBe(
      'History has CartCleared, and the code of this release comes to nothing.',
    );
    expect(whyNotComparable(taken(cleared), taken(...new Array<DomainEvent>(6).fill(cleared)))).toBe(
      'History has CartCleared, CartCleared, CartCleared, CartCleared and 2 more, and the code of this release comes to CartCleared.',
    );
    expect(whyNotComparable({ error: 'no' }, refused('cart-full'))).toBe(
      'History has the refusal cart-full, and the code of this release fails: no',
    );
  });

  it('refuses as an answer', () => {
    const closed: Cart = { ...cart.initial, mergedInto: 'account' };
    expect(answerOf(addItem as never, closed, {})).toEqual(refused('guest-token-used', { accountId: 'account' }));
    const undefinedDetail = () => {
      throw new Rejected('cart-full', { most: undefined });
    };
    expect(answerOf(undefinedDetail, {}, {})).toEqual(refused('cart-full'));
  });
});
