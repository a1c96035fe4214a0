import {
  Body,
  Controller,
  Get,
  Global,
  Module,
  Param,
  Patch,
  Post,
  Query,
  UnauthorizedException,
  UseGuards,
  type CanActivate,
  type DynamicModule,
  type ExecutionContext,
  type LoggerService,
} from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Query as Collection } from 'mingo';
import { Authenticated, Public, Roles } from '#src/kernel/http/access';
import { answer, answerQuery } from '#src/kernel/http/answer';
import { Context } from '#src/kernel/http/command-context';
import { Consistency, fresh } from '#src/kernel/http/consistency';
import { ListOf, OptionalMember, PlainObject, Text, Uuid } from '#src/kernel/http/decorators';
import { CommandDocs, Problems, QueryDocs } from '#src/kernel/http/docs.decorators';
import { createHttpApp, type HttpOptions } from '#src/kernel/http/http-app';
import { Limited } from '#src/kernel/http/limits/limited';
import { Of } from '#src/kernel/http/of.decorator';
import { page } from '#src/kernel/http/paging';
import { PageQuery } from '#src/kernel/http/paging.dto';
import { PathId } from '#src/kernel/http/path-id';
import { Prefers, type Preferences } from '#src/kernel/http/prefer';
import { CurrentPrincipal, type Principal } from '#src/kernel/http/principal';
import { QueryFlag, QueryList } from '#src/kernel/http/query.decorators';
import { HttpReply, HttpRequest } from '#src/kernel/http/request';
import { HttpServices } from '#src/kernel/http/services';
import type { Changed } from '#src/kernel/aggregates';
import type { CommandContext } from '#src/kernel/commands';
import { OutcomeUnknown, StoreUnavailable } from '#src/kernel/event-store/event-store';
import { PersonalKeyMissing, SubjectErased } from '#src/kernel/personal-data/personal';
import { positionOf, stampOf } from '#src/kernel/position';
import { QueryTimedOut } from '#src/kernel/query-timed-out';
import { ProjectionBehind } from '#src/kernel/read-models/problems';
import {
  type Filter,
  type FindOptions,
  type ReadModelDocument,
  ReadModelsUnavailable,
} from '#src/kernel/read-models/read-model-store';
import { Rejected, rejections } from '#src/kernel/rejection';
import { Secrets } from '#src/kernel/secrets';
import { Quantity } from '#src/words/lines';
import { AmountMinor, Currency } from '#src/words/money';

/* A shop so small that it has no shop in it: routes that use everything of HTTP once. */

export const STORE_ID = '0198c0de-0000-7000-8000-00000000cafe';
export const NOW = '2026-11-21T10:00:00.000Z';
export const ANN: Principal = { kind: 'account', id: '0198c0de-0000-7000-8000-0000000000a1', roles: ['seller'] };
export const GUS: Principal = { kind: 'guest', id: '0198c0de-0000-7000-8000-0000000000b2', roles: [] };

const secrets = Secrets.from('a secret of tests that is long enough to be one');

const refused = rejections({
  'shelf-full': [409, 'The shelf is full.'],
  'slow-down': [429, 'Not so fast.'],
});

export class Address {
  @Text({ max: 100 })
  city!: string;
}

export class LineBody {
  @Uuid()
  variantId!: string;

  @Of(Quantity)
  quantity!: number;
}

export class ParcelBody {
  @Text({ min: 2, max: 20 })
  label!: string;

  @OptionalMember()
  @Of(AmountMinor, { example: 1999 })
  worth?: number;

  @OptionalMember()
  @Of(Currency)
  currency?: string;

  @PlainObject(() => Address)
  to!: Address;

  @ListOf(() => LineBody, { minItems: 1, maxItems: 3 })
  lines!: LineBody[];
}

export class NoteBody {
  @OptionalMember()
  @Text({ max: 20 })
  note?: string;
}

export class ParcelQuery extends PageQuery {
  @QueryFlag()
  heavy?: boolean;

  @QueryList({ max: 10, most: 2 })
  brand?: string[];
}

/** Stands in for the guard of the accounts: `Authorization: Bearer ann`. */
class TestGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const token = request.headers.authorization?.replace('Bearer ', '');
    if (token !== undefined && token !== 'ann' && token !== 'gus') throw new UnauthorizedException();
    request.principal = token === 'ann' ? ANN : token === 'gus' ? GUS : null;
    return true;
  }
}

const changed = (more: Partial<Changed<object>> = {}): Changed<object> => ({
  state: {},
  revision: 7,
  position: positionOf(42),
  outcome: 'appended',
  ...more,
});

const FAILURES: Readonly<Record<string, () => unknown>> = {
  rejected: () =>
    Object.assign(refused('shelf-full', { most: 3, location: '/shelves/2', status: 200 }), { at: positionOf(42) }),
  throttled: () => refused('slow-down', { retryAfterSeconds: 7 }),
  undeclared: () => new Rejected('nobody-declared-this'),
  unavailable: () => new StoreUnavailable('disk full'),
  slow: () => new QueryTimedOut(2_000),
  unread: () => new ReadModelsUnavailable('no route to host'),
  unknown: () => new OutcomeUnknown('parcel-1'),
  keyless: () => new PersonalKeyMissing('ann', 'profile'),
  erased: () => new SubjectErased('ann', 'profile'),
  defect: () => new TypeError('secret: the password is x'),
  text: () => 'a thrown text',
};

@UseGuards(TestGuard)
@Authenticated()
@Controller('parcels')
export class ParcelController {
  /** What the memory of a test holds; every item has a rank. */
  static documents: ReadModelDocument[] = [];

  @Post()
  @Limited('changes')
  @CommandDocs({ ifMatch: 'optional', problems: ['shelf-full'] })
  send(@Body() body: ParcelBody, @Context() context: CommandContext, @HttpReply() reply: FastifyReply): object {
    return answer(reply, changed(), { body: { body, context }, location: '/parcels/1' });
  }

  @Post('repeat')
  @Limited('changes')
  @CommandDocs()
  @Public()
  repeat(@Context() context: CommandContext, @HttpReply() reply: FastifyReply): object {
    return answer(reply, changed({ outcome: 'replayed' }), { body: { context }, status: 200 });
  }

  @Patch(':id')
  @Limited('changes')
  @Roles('seller', 'admin')
  @CommandDocs({ ifMatch: 'required' })
  change(
    @PathId('id') id: string,
    @Body() body: NoteBody,
    @Context({ ifMatch: 'required' }) { ifMatch }: CommandContext,
    @HttpReply() reply: FastifyReply,
  ): object {
    return answer(reply, changed({ position: null, revision: -1 }), { body: { id, body, ifMatch } });
  }

  @Get('me')
  me(@CurrentPrincipal() principal: Principal): Principal {
    return principal;
  }

  @Get('prefer')
  @Public()
  prefer(@Prefers() preferences: Preferences): Preferences {
    return preferences;
  }

  @Get('fails/:how')
  @Public()
  fails(@Param('how') how: string): never {
    throw FAILURES[how]?.();
  }

  @Get('waits')
  @Public()
  @QueryDocs()
  async waits(@Consistency() consistency: Consistency, @HttpReply() reply: FastifyReply): Promise<object> {
    const waitFor = async () => {
      if (consistency.position === null) return;
      throw new ProjectionBehind('parcels', stampOf(consistency.position), stampOf(positionOf(3)));
    };
    await fresh({ waitFor }, consistency, reply);
    return consistency;
  }

  @Get('text')
  @Public()
  text(@Query('name') name: string): { name: string } {
    return { name };
  }

  @Get()
  @Public()
  @QueryDocs()
  @Problems('shelf-full')
  async list(
    @Query() query: ParcelQuery,
    @HttpRequest() request: FastifyRequest,
    @HttpReply() reply: FastifyReply,
  ): Promise<object> {
    const { limit, cursor, heavy, brand } = query;
    const find = async (filter: Filter, options: FindOptions = {}): Promise<ReadModelDocument[]> => {
      const found = new Collection(filter as object).find<ReadModelDocument>(ParcelController.documents);
      return found
        .sort({ ...options.sort })
        .limit(options.limit ?? 0)
        .all();
    };
    const filter: Filter = heavy === undefined ? {} : { heavy };
    const found = await page(
      request,
      reply,
      { name: 'parcels', version: 2, find },
      { filter, sort: { rank: -1 }, limit, cursor },
    );
    return { ...found, brand };
  }

  @Get(':id')
  @Public()
  @QueryDocs()
  one(@PathId('id') id: string, @HttpRequest() request: FastifyRequest, @HttpReply() reply: FastifyReply): object {
    return answerQuery(request, reply, 7, { id });
  }
}

@Global()
@Module({
  providers: [
    {
      provide: HttpServices,
      useValue: new HttpServices(STORE_ID, secrets, { now: () => new Date(NOW) }, () => Promise.resolve(null)),
    },
  ],
  exports: [HttpServices],
})
class ServicesModule {}

/** What the application said about itself, instead of on the console. */
export class Heard implements LoggerService {
  readonly lines: string[] = [];
  log(): void {}
  warn = (...parts: unknown[]) => this.hear('warn', parts);
  error = (...parts: unknown[]) => this.hear('error', parts);

  private hear(level: string, parts: readonly unknown[]): void {
    this.lines.push([level, ...parts].join(' '));
  }
}

export const moduleWith = (...controllers: (new () => object)[]): DynamicModule => ({
  module: class TestModule {},
  imports: [ServicesModule],
  controllers,
});

/** The application with the parcels; not listening. */
export const parcelApp = (
  logger: LoggerService | false = false,
  more: Partial<HttpOptions> = {},
): Promise<NestFastifyApplication> =>
  createHttpApp(
    moduleWith(ParcelController),
    { bodyLimit: 10_000, publicUrl: 'http://localhost:3000' },
    { nest: { logger }, docs: { title: 'Parcels', description: 'For tests.', version: '1.2.3' }, ...more },
  );
