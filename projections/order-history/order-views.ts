import { Injectable } from '@nestjs/common';
import { openAll, personalKinds } from '#src/kernel/personal-data/find-sealed';
import { PersonalData } from '#src/kernel/personal-data/personal';
import { lineTotalMinor } from '#src/words/lines';
import { contact, recipient } from '#src/words/people';
import type { OrderDocument } from './order-history.projection';

const kinds = personalKinds(contact, recipient);

/** Orders as their buyers see them: the only place where their envelopes are opened. */
@Injectable()
export class OrderViews {
  constructor(private readonly personalData: PersonalData) {}

  /** The whole order. Address and contact of a person who was erased are null. */
  async full(order: OrderDocument) {
    const { deliverTo, contact } = await openAll(
      this.personalData,
      { deliverTo: order.deliverTo, contact: order.contact },
      kinds,
    );
    const lines = order.lines.map((line) => ({ ...line, lineTotalMinor: lineTotalMinor(line) }));
    return { ...summaryOf(order), lines, deliverTo, contact, rejection: order.rejection };
  }
}

/** An order in a list. */
export function summaryOf(order: OrderDocument) {
  const { orderId, orderNumber, status, payment, receivedAt, changedAt, totals, lines } = order;
  const items = lines.map(({ name, sku, options, image, quantity }) => ({
    name,
    sku,
    ...(options && { options }),
    ...(image && { image }),
    quantity,
  }));
  return { orderId, orderNumber, status, payment, receivedAt, changedAt, totals, items };
}
