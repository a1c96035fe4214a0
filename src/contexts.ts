import type { Type } from '@nestjs/common';
import { orderHistory } from '#projections/order-history/order-history.projection';
import { orderTracking } from '#projections/order-tracking/order-tracking.projection';
import { productSearch } from '#projections/product-search/product-search.projection';
import { stockLevels } from '#projections/stock-levels/stock-levels.projection';
import { account } from './accounts/account';
import { guest } from './accounts/guest';
import { cart } from './cart/cart';
import { cartContract } from './cart/cart.contract';
import { cartMappings } from './cart/cart.ocel';
import { catalogContract } from './catalog/catalog.contract';
import { productMappings } from './catalog/catalog.ocel';
import { product } from './catalog/product';
import { cartDecisions } from './decisions/cart.decisions';
import { catalogDecisions } from './decisions/catalog.decisions';
import type { Decision } from './decisions/decision';
import { inventoryDecisions } from './decisions/inventory.decisions';
import { orderingDecisions } from './decisions/ordering.decisions';
import { inventoryContract } from './inventory/inventory.contract';
import { stockMappings } from './inventory/inventory.ocel';
import { stock } from './inventory/stock';
import type { Aggregate } from './kernel/aggregate';
import { claim } from './kernel/claims';
import type { EventDefinitions } from './kernel/event-definitions';
import type { DomainEvent } from './kernel/events';
import type { AnyProcess } from './kernel/processes/process';
import { processEvents } from './kernel/processes/process.events';
import type { Projection } from './kernel/read-models/projection';
import { skips } from './kernel/read-models/skips';
import { storeIdentityEvents } from './kernel/store-identity.events';
import { markEvents } from './kernel/write-path/mark.events';
import { order } from './ordering/order';
import { orderingContract } from './ordering/ordering.contract';
import { orderMappings } from './ordering/ordering.ocel';
import { payment } from './payments/payment';
import { paymentMappings } from './payments/payments.ocel';
import type { PublicContract } from './words/contracts/define-contract';
import type { EventMappings } from './words/ocel/event-mapping';

/** Why an aggregate is left out somewhere, in a sentence. */
export interface LeftOut {
  readonly no: string;
}

/** What whoever adds an aggregate decides about it. */
interface Told<E extends DomainEvent = DomainEvent> {
  /** What integrators hear of its events. */
  readonly published: PublicContract | LeftOut;
  /** What process mining shows of them. */
  readonly ocel: EventMappings<E> | LeftOut;
  /** Which of its decisions can be taken again in what-if. */
  readonly decisions: readonly Decision[] | LeftOut;
  /** Members of events and commands that hold the id of one: along them histories are followed. */
  readonly namedBy: readonly string[];
}

/** An aggregate of the shop, and what becomes of its events outside its context. */
export interface Part extends Told {
  readonly aggregate: Aggregate<unknown, DomainEvent>;
}

/** A context, with everything of it that somebody else runs, folds or tells. */
export interface Context {
  /** What is behind a function is loaded where commands are carried out: who reads history may do without, and may not have native code. */
  readonly module: () => Promise<Type>;
  readonly parts: readonly Part[];
  /** By name. They know their commands, and so what handles these. */
  readonly processes: Readonly<Record<string, () => Promise<AnyProcess>>>;
  readonly readModels: readonly Projection[];
}

const part = <S, E extends DomainEvent>(aggregate: Aggregate<S, E>, told: Told<E>): Part =>
  ({ aggregate, ...told }) as unknown as Part;

/** THE list: everything that is known of contexts elsewhere comes from here, and pages tell of them in this order. */
export const contexts = {
  ordering: {
    module: async () => (await import('#src/ordering/ordering.module')).OrderingModule,
    parts: [
      part(order, {
        published: orderingContract,
        ocel: orderMappings,
        decisions: orderingDecisions,
        namedBy: ['orderId'],
      }),
    ],
    processes: { checkout: async () => (await import('#src/processes/checkout.process')).checkoutProcess },
    readModels: [orderHistory, orderTracking],
  },
  cart: {
    module: async () => (await import('#src/cart/cart.module')).CartModule,
    parts: [
      part(cart, {
        published: cartContract,
        ocel: cartMappings,
        decisions: cartDecisions,
        // A cart has the id of its owner.
        namedBy: ['accountId', 'cartId', 'guestId'],
      }),
    ],
    processes: { cartMerge: async () => (await import('#src/processes/cart-merge.process')).cartMergeProcess },
    readModels: [],
  },
  inventory: {
    module: async () => (await import('#src/inventory/inventory.module')).InventoryModule,
    parts: [
      part(stock, {
        published: inventoryContract,
        ocel: stockMappings,
        decisions: inventoryDecisions,
        namedBy: ['variantId'],
      }),
    ],
    processes: {},
    readModels: [stockLevels],
  },
  catalog: {
    module: async () => (await import('#src/catalog/catalog.module')).CatalogModule,
    parts: [
      part(product, {
        published: catalogContract,
        ocel: productMappings,
        decisions: catalogDecisions,
        namedBy: ['productId'],
      }),
    ],
    processes: {},
    readModels: [productSearch],
  },
  payments: {
    module: async () => (await import('#src/payments/payments.module')).PaymentsModule,
    parts: [
      part(payment, {
        published: { no: 'What was paid is told by the orders; the rest is between the shop and its gateway.' },
        ocel: paymentMappings,
        decisions: { no: 'A payment is what the gateway has answered: there is nothing to decide otherwise.' },
        namedBy: ['paymentId'],
      }),
    ],
    processes: {},
    readModels: [],
  },
  accounts: {
    module: async () => (await import('#src/accounts/accounts.module')).AccountsModule,
    parts: [
      part(account, {
        published: { no: 'Who somebody is and may do is nobody’s business but the shop’s.' },
        ocel: {
          no: 'Passwords, roles and sessions are no part of the trade; who buys and sells is named by the other events.',
        },
        decisions: { no: 'They are taken on secrets, which history does not hold.' },
        namedBy: ['accountId'],
      }),
      part(guest, {
        published: { no: 'That a guest has become an account is told by the carts.' },
        ocel: { no: 'That a guest became an account is told by the carts.' },
        decisions: { no: 'A guest is linked to an account once, and there is nothing to decide otherwise.' },
        namedBy: ['guestId'],
      }),
    ],
    processes: {},
    readModels: [],
  },
} satisfies Readonly<Record<string, Context>>;

/** Events of the kernel, which OCEL leaves out and nobody publishes, and why. */
const ofKernel: readonly (LeftOut & {
  readonly events: EventDefinitions;
  readonly aggregate?: Aggregate<never, never>;
})[] = [
  {
    events: claim.events,
    aggregate: claim as never,
    no: 'Claims keep names unique; they are bookkeeping of the kernel.',
  },
  {
    events: markEvents,
    no: 'The kernel marks where a name in the catalogue or an e-mail was claimed and not used; nothing of the trade happens.',
  },
  {
    events: processEvents,
    no: 'Processes only say why something was decided; what they brought about are events of the other aggregates.',
  },
  { events: skips.events, aggregate: skips as never, no: 'Operators tell projectors there what to skip.' },
  { events: storeIdentityEvents, no: 'It says which store this is.' },
];

export const allContexts: readonly Context[] = Object.values(contexts);

export const allParts: readonly Part[] = allContexts.flatMap(({ parts }) => parts);

/** Every event that this release can store. */
export const allEvents: readonly EventDefinitions[] = [
  ...allParts.map(({ aggregate }) => aggregate.events),
  ...ofKernel.map(({ events }) => events),
];

/** Every aggregate whose streams fold into a state, also those of the kernel. */
export const allAggregates: readonly Aggregate<unknown, DomainEvent>[] = [
  ...allParts.map(({ aggregate }) => aggregate),
  ...ofKernel.flatMap(({ aggregate }) => (aggregate ? [aggregate as unknown as Part['aggregate']] : [])),
];

const processLoaders = allContexts.flatMap(({ processes }) => Object.entries(processes));

/** Names of all process managers: what their streams begin with. */
export const processNames: readonly string[] = processLoaders.map(([name]) => name);

/** Every process manager of the shop. */
export const allProcesses = (): Promise<readonly AnyProcess[]> =>
  Promise.all(
    processLoaders.map(async ([name, load]) => {
      const process = await load();
      if (process.name !== name) throw new Error(`The process ${process.name} is listed as ${name}.`);
      return process;
    }),
  );

/** Every read model of this release. */
export const allProjections: readonly Projection[] = allContexts.flatMap(({ readModels }) => readModels);
