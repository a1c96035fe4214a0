import { join } from 'node:path';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { deriveId, newId } from '#src/kernel/ids';
import type { CommandContext } from '#src/kernel/commands';
import { GatewayUnavailable, PaymentGateway, type Charge, type PaymentOutcome } from '#src/payments/gateway';
import {
  Payments,
  RefundPayment,
  RefundPaymentHandler,
  SettlePayment,
  SettlePaymentHandler,
  TakePayment,
  TakePaymentHandler,
} from '#src/payments/payments.commands';
import { TestGateway } from '#src/payments/test-gateway';
import { ShopWritePath } from '#src/app/servers.module';
import { tempFolderOfThisFile } from '../support/temp-folder';
import { TestTime } from '../support/test-time';

const MINUTE = 60_000;
const folder = tempFolderOfThisFile();

/** The test gateway, of which a test can say what becomes of a charge on its way there. */
class WatchedGateway extends PaymentGateway {
  readonly asked: string[] = [];
  onCharge: (charge: () => Promise<PaymentOutcome>) => Promise<PaymentOutcome> = (charge) => charge();

  constructor(private readonly real: PaymentGateway) {
    super();
  }
  override charge(charge: Charge): Promise<PaymentOutcome> {
    this.asked.push('charge');
    return this.onCharge(() => this.real.charge(charge));
  }
  override lookUp(paymentId: string): Promise<PaymentOutcome> {
    this.asked.push('look-up');
    return this.real.lookUp(paymentId);
  }
  override void(paymentId: string): Promise<PaymentOutcome> {
    this.asked.push('void');
    return this.real.void(paymentId);
  }
  override refund(...args: Parameters<PaymentGateway['refund']>): Promise<{ reference: string }> {
    this.asked.push('refund');
    return this.real.refund(...args);
  }
  override onOutcome(): void {}
  override close(): Promise<void> {
    return this.real.close();
  }
}

let time: TestTime;
let store: SqliteEventStore;
let gateway: WatchedGateway;
let handlers: { take: TakePaymentHandler; settle: SettlePaymentHandler; refund: RefundPaymentHandler };
let ids: { paymentId: string; orderId: string };

beforeEach(async () => {
  time = new TestTime();
  store = await SqliteEventStore.open({ file: join(folder, `${newId()}.db`), clock: time });
  gateway = new WatchedGateway(await TestGateway.open({ file: ':memory:', clock: time }));
  restart();
  ids = { paymentId: newId(), orderId: newId() };
});
afterEach(async () => {
  await gateway.close();
  await store.close();
});

/** Another process goes on with the same store and gateway. */
function restart(): void {
  const payments = new Payments(new ShopWritePath(store, time));
  handlers = {
    take: new TakePaymentHandler(payments, gateway, time),
    settle: new SettlePaymentHandler(payments, gateway, time),
    refund: new RefundPaymentHandler(payments, gateway),
  };
}

const context = (name: string, notAfter: string): CommandContext => {
  const commandId = deriveId(ids.orderId, name);
  return {
    commandId,
    payloadHash: name,
    correlationId: commandId,
    causationId: commandId,
    actor: { kind: 'process', id: 'checkout' },
    occurredAt: time.now().toISOString(),
    notAfter,
  };
};

const taking = (token = 'test-approved') =>
  new TakePayment(context('take', time.in(15 * MINUTE)), {
    ...ids,
    amountMinor: 2_400,
    currency: 'EUR',
    method: { gateway: 'test', token },
  });
const settling = (giveUp = false) => new SettlePayment(context(newId(), time.in(1_000 * MINUTE)), { ...ids, giveUp });

const story = async () => (await store.readStream(`payment-${ids.paymentId}`)).map(({ type }) => type);

/** The process dies between the request and the gateway: the charge never goes there. */
async function diesBeforeTheCharge(command: TakePayment): Promise<void> {
  gateway.onCharge = () => Promise.reject(new Error('killed'));
  await expect(handlers.take.execute(command)).rejects.toThrow('killed');
  gateway.onCharge = (charge) => charge();
  gateway.asked.length = 0;
  restart();
}

describe('a payment that was requested and not charged before its deadline', () => {
  it('is charged by a repeat in time', async () => {
    const command = taking();
    await diesBeforeTheCharge(command);
    await time.pass(15 * MINUTE);
    expect((await handlers.take.execute(command)).state.status).toBe('captured');
    expect(gateway.asked).toEqual(['charge']);
  });

  it('is voided by a repeat that comes later, and no money moves', async () => {
    const command = taking();
    await diesBeforeTheCharge(command);
    await time.pass(120 * MINUTE);
    expect((await handlers.take.execute(command)).state.status).toBe('voided');
    expect(gateway.asked).toEqual(['void']);
    expect(await story()).toEqual(['PaymentRequested', 'PaymentVoided']);
    expect(await gateway.lookUp(ids.paymentId)).toEqual({ status: 'voided' });
  });

  it('is voided by a look-up that comes later', async () => {
    await diesBeforeTheCharge(taking());
    await time.pass(120 * MINUTE);
    expect((await handlers.settle.execute(settling())).state.status).toBe('voided');
    expect(gateway.asked).toEqual(['look-up', 'void']);
  });

  it('is not charged by a gateway that is told of it in time and comes to it later', async () => {
    const command = taking();
    gateway.onCharge = async (charge) => {
      await time.pass(120 * MINUTE);
      return charge();
    };
    expect((await handlers.take.execute(command)).state.status).toBe('voided');
    expect(await story()).toEqual(['PaymentRequested', 'PaymentVoided']);
  });

  it('is not charged where the first release has not said until when it might be', async () => {
    const { method } = taking().data;
    const data = { ...ids, amountMinor: 2_400, currency: 'EUR', method };
    const { notAfter: _, ...metadata } = { v: 1, ...context('take', '') };
    await store.append(`payment-${ids.paymentId}`, 'no_stream', [
      { id: newId(), type: 'PaymentRequested', data, metadata: { ...metadata, actor: { ...metadata.actor } } },
    ]);
    expect((await handlers.settle.execute(settling())).state.status).toBe('voided');
    expect(gateway.asked).toEqual(['look-up', 'void']);
  });
});

describe('a payment that was charged before its deadline', () => {
  it('is captured, although nobody has written that down before it', async () => {
    const command = taking();
    gateway.onCharge = async (charge) => {
      await charge();
      throw new Error('killed');
    };
    await expect(handlers.take.execute(command)).rejects.toThrow('killed');
    restart();
    await time.pass(120 * MINUTE);
    expect((await handlers.take.execute(command)).state.status).toBe('captured');
    expect(await story()).toEqual(['PaymentRequested', 'PaymentCaptured']);
  });

  it('is captured, although its answer comes after it', async () => {
    gateway.onCharge = async (charge) => {
      const outcome = await charge();
      await time.pass(120 * MINUTE);
      return outcome;
    };
    expect((await handlers.take.execute(taking())).state.status).toBe('captured');
  });

  it('is given back however late: a refund that was requested has no deadline', async () => {
    await handlers.take.execute(taking());
    const command = new RefundPayment(context('refund', time.in(15 * MINUTE)), { ...ids, refundId: newId() });
    const refund = jest.spyOn(gateway, 'refund').mockRejectedValueOnce(new GatewayUnavailable('No answer.'));
    await expect(handlers.refund.execute(command)).rejects.toBeInstanceOf(GatewayUnavailable);
    refund.mockRestore();
    restart();
    await time.pass(120 * MINUTE);
    expect((await handlers.refund.execute(command)).state.status).toBe('refunded');
  });
});
