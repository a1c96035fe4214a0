import { Body, Controller, Get, Header, HttpCode, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiHeader, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CommandContext } from '../kernel/commands';
import { Authenticated, Public, Roles } from '../kernel/http/access';
import { answer, answerQuery } from '../kernel/http/answer';
import { Context } from '../kernel/http/command-context';
import { setToken } from '../kernel/http/consistency';
import { CommandDocs } from '../kernel/http/docs.decorators';
import { headerOf } from '../kernel/http/header';
import { Limited } from '../kernel/http/limits/limited';
import { networkOf } from '../kernel/http/network';
import { CurrentPrincipal, type Principal } from '../kernel/http/principal';
import { HttpReply, HttpRequest } from '../kernel/http/request';
import { newId } from '../kernel/ids';
import { laterOf } from '../kernel/position';
import type { CartMerge } from '../words/cart-merges';
import { existing, type Account } from './account';
import { AccountViews } from './account-views';
import { Accounts, ChangePassword, RegisterAccount, RevokeSessions } from './accounts.commands';
import { ChangePasswordDto, GuestDto, LogInDto, MeDto, RegisterDto, SessionDto } from './accounts.dto';
import { DEVICE_TOKEN, DeviceTokens } from './device-tokens';
import { FamiliarNetworks } from './familiar-networks';
import { GuestHandOvers } from './guest-hand-overs';
import { LogIns, type Visitor } from './log-ins';
import { Tokens } from './tokens';

/** Tokens are for who asked for them alone (RFC 6749, 5.1). */
const NotStored = () => Header('cache-control', 'no-store');

@ApiTags('Accounts')
@Controller('api/auth')
export class AuthController {
  constructor(
    private readonly commands: CommandBus,
    private readonly accounts: Accounts,
    private readonly views: AccountViews,
    private readonly logIns: LogIns,
    private readonly handOvers: GuestHandOvers,
    private readonly tokens: Tokens,
    private readonly devices: DeviceTokens,
    private readonly networks: FamiliarNetworks,
  ) {}

  /** Makes an account, and logs it in. The cart of a guest who sends its token comes along. */
  @Public()
  @Post('register')
  @Limited('registrations')
  @NotStored()
  @CommandDocs({
    problems: [
      'email-taken',
      'creation-abandoned',
      'password-too-common',
      'passwords-busy',
      'guest-token-invalid',
      'guest-token-used',
    ],
  })
  @ApiCreatedResponse({ type: SessionDto })
  async register(
    @Context() context: CommandContext,
    @Body() { guestToken, ...asked }: RegisterDto,
    @HttpRequest() request: FastifyRequest,
    @HttpReply() reply: FastifyReply,
  ): Promise<SessionDto> {
    const command = new RegisterAccount(context, asked);
    const { accountId } = command;
    const guestId = await this.handOvers.guestFor(accountId, guestToken, request.principal);
    const changed = await this.commands.execute(command);
    // The account is made: a guest that became another's meanwhile can't undo that.
    const takes = { mustBeFree: false };
    const merge = guestId === null ? null : await this.handOvers.handOver(context, accountId, guestId, takes);
    const visitor = this.visitorOf(request);
    await this.networks.remember(existing(changed.state).emailClaim, visitor.network);
    const body = await this.session(changed.state, visitor, merge);
    const position = laterOf(changed.position, merge?.position ?? null);
    return answer(reply, { ...changed, position }, { body, location: '/api/auth/me' });
  }

  /**
   * Logs in. The cart of a guest who sends its token is added to the account's; the Consistency-Token covers that. Under the same
   * Idempotency-Key that is done once; each answer has a token of its own.
   */
  @Public()
  @Post('login')
  @Limited('log-ins')
  @HttpCode(200)
  @NotStored()
  @ApiHeader({
    name: 'Device-Token',
    description:
      'The `deviceToken` of the last log-in on this device: wrong guesses of others keep nobody out who sends it.',
  })
  @CommandDocs({
    problems: [
      'wrong-credentials',
      'account-disabled',
      'too-many-attempts',
      'passwords-busy',
      'guest-token-invalid',
      'guest-token-used',
      'too-many-guests',
    ],
  })
  async logIn(
    @Context() context: CommandContext,
    @Body() { email, password, guestToken }: LogInDto,
    @HttpRequest() request: FastifyRequest,
    @HttpReply() reply: FastifyReply,
  ): Promise<SessionDto> {
    const visitor = this.visitorOf(request);
    const { state, position } = await this.logIns.authenticate(email, password, visitor);
    const { accountId } = state;
    const guestId = await this.handOvers.guestFor(accountId, guestToken, request.principal);
    const takes = { mustBeFree: guestToken !== undefined };
    const merge = guestId === null ? null : await this.handOvers.handOver(context, accountId, guestId, takes);
    setToken(reply, laterOf(position, merge?.position ?? null));
    return this.session(state, visitor, merge);
  }

  /** A token for someone without an account: with it they have a cart and can order, for 90 days. */
  @Public()
  @Post('guest')
  @Limited('guests')
  @NotStored()
  guest(): GuestDto {
    const guestId = newId();
    return { guestId, ...this.tokens.forGuest(guestId) };
  }

  /** Who sends the request. */
  @Authenticated()
  @Get('me')
  @ApiOkResponse({ type: MeDto })
  async me(
    @CurrentPrincipal() { kind, id }: Principal,
    @HttpRequest() request: FastifyRequest,
    @HttpReply() reply: FastifyReply,
  ): Promise<MeDto> {
    if (kind === 'guest') return answerQuery(request, reply, null, { kind, id, account: null });
    const { state, revision } = await this.accounts.get(id);
    return answerQuery(request, reply, revision, { kind, id, account: await this.views.of(state) });
  }

  /** Voids every token of the account, this one too, within a second. */
  @Roles('customer')
  @Post('logout')
  @Limited('changes')
  @CommandDocs()
  @HttpCode(204)
  @ApiNoContentResponse()
  async logOut(
    @CurrentPrincipal() { id: accountId }: Principal,
    @Context() context: CommandContext,
    @HttpReply() reply: FastifyReply,
  ): Promise<void> {
    const changed = await this.commands.execute(new RevokeSessions(context, { accountId }));
    setToken(reply, changed.position);
  }

  /** Changes the password, which voids every token of the account within a second; the answer has a new one. */
  @Roles('customer')
  @Post('password')
  @Limited('passwords')
  @HttpCode(200)
  @NotStored()
  @CommandDocs({ problems: ['wrong-password', 'password-too-common', 'too-many-attempts', 'passwords-busy'] })
  @ApiOkResponse({ type: SessionDto })
  async changePassword(
    @CurrentPrincipal() { id: accountId }: Principal,
    @Context() context: CommandContext,
    @Body() body: ChangePasswordDto,
    @HttpRequest() request: FastifyRequest,
    @HttpReply() reply: FastifyReply,
  ): Promise<SessionDto> {
    const visitor = this.visitorOf(request);
    const changed = await this.commands.execute(
      new ChangePassword(context, { accountId, network: visitor.network, ...body }),
    );
    return answer(reply, changed, { body: await this.session(changed.state, visitor, null) });
  }

  private visitorOf(request: FastifyRequest): Visitor {
    return { network: networkOf(request.ip), device: this.devices.read(headerOf(request, DEVICE_TOKEN)) };
  }

  private async session(account: Account, { device }: Visitor, merge: CartMerge | null): Promise<SessionDto> {
    return {
      account: await this.views.of(account),
      ...this.tokens.forAccount(existing(account)),
      deviceToken: this.devices.issue(existing(account), device),
      ...(merge && { guestCart: merge.merged ? 'merged' : 'pending' }),
    };
  }
}
