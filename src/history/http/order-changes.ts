import { Injectable } from '@nestjs/common';
import { orderHistory, type OrderDocument } from '#projections/order-history/order-history.projection';
import { OrderViews } from '#projections/order-history/order-views';
import type { Actor } from '../../kernel/events';
import type { Json } from '../../kernel/json';
import { differences } from '../differences';
import { documentSteps, type DocumentStep } from '../document-steps';
import { Questions } from '../questions';
import type { Step } from '../stream-history';
import type { ChangeList } from './change-list';
import { changeView } from './change-views';
import type { ActorDto, ChangeDto } from './history.dto';

/** Changes of orders, as differences of what their buyers see: so their envelopes are opened. */
@Injectable()
export class OrderChanges {
  constructor(
    private readonly questions: Questions,
    private readonly views: OrderViews,
  ) {}

  /** `order`: as it is now. */
  async of(order: OrderDocument, actorView: (actor: Actor) => ActorDto): Promise<ChangeList<ChangeDto>> {
    const { orderId } = order;
    const steps = await documentSteps(this.questions.begin(), orderHistory, orderId, { kind: 'now' }, order);
    return {
      name: `${orderHistory.name}/${orderId}`,
      length: steps.length,
      read: async (first, last) => {
        const page = await Promise.all(steps.slice(first, last + 1).map((step) => this.seen(step)));
        return page.map((step) => changeView(step, actorView));
      },
    };
  }

  private async seen({ event, before, after }: DocumentStep<OrderDocument>): Promise<Step> {
    const [was, is] = await Promise.all([before && this.views.full(before), after && this.views.full(after)]);
    return { event, changes: differences(was as Json, is as Json) };
  }
}
