import { Global, Logger, Module, type DynamicModule } from '@nestjs/common';
import { allEvents } from '../contexts';
import { HistoryPlace } from '../history/history-place';
import { WritePath, type WritePathOptions } from '../kernel/aggregates';
import { Claims } from '../kernel/claims';
import { Clock, Stopwatch } from '../kernel/clock';
import { EventRegistry } from '../kernel/event-definitions';
import { EventStore } from '../kernel/event-store/event-store';
import { HttpServices } from '../kernel/http/services';
import { PersonalData } from '../kernel/personal-data/personal';
import { ProcessOperations } from '../kernel/processes/process-operations';
import { ReadModelStore } from '../kernel/read-models/read-model-store';
import { ReadModels } from '../kernel/read-models/read-models';
import { Secrets } from '../kernel/secrets';
import { StoreIdentity } from '../kernel/store-identity';
import { PaymentGateway } from '../payments/gateway';
import type { Servers } from './servers';

/** The write path of this process: one registry, one store, one clock. */
export class ShopWritePath extends WritePath {
  override readonly registry = new EventRegistry(allEvents);
  private readonly logger = new Logger('WritePath');

  constructor(
    override readonly store: EventStore,
    override readonly clock: Clock,
    options: WritePathOptions = {},
  ) {
    super(options);
  }

  override warn(message: string): void {
    this.logger.warn(message);
  }
}

/** Gives every module what it asks for by the name of a port. */
@Global()
@Module({})
export class ServersModule {
  /** `history`: where analysts' questions are answered from; null: not in this process. */
  static of(
    servers: Servers,
    path: WritePath,
    readModels: ReadModels,
    processes: ProcessOperations,
    history: HistoryPlace | null,
  ): DynamicModule {
    const { clock, stopwatch, readModelStore, secrets, identity, store, personalData, gateway } = servers;
    const providers = [
      { provide: Clock, useValue: clock },
      { provide: Stopwatch, useValue: stopwatch },
      { provide: Secrets, useValue: secrets },
      { provide: StoreIdentity, useValue: identity },
      { provide: EventStore, useValue: store },
      { provide: PersonalData, useValue: personalData },
      { provide: PaymentGateway, useValue: gateway },
      { provide: WritePath, useValue: path },
      { provide: ReadModelStore, useValue: readModelStore },
      { provide: ReadModels, useValue: readModels },
      { provide: ProcessOperations, useValue: processes },
      ...(history ? [{ provide: HistoryPlace, useValue: history }] : []),
      { provide: Claims, useValue: new Claims(path, (scope, name) => secrets.blindIndex(scope, name)) },
      { provide: HttpServices, useValue: new HttpServices(identity.storeId, secrets, clock, () => store.head()) },
    ];
    return { module: ServersModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}
