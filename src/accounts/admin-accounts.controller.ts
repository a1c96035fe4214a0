import { Body, Controller, Delete, Get, HttpCode, Logger, Param, Post, Query } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CommandContext } from '../kernel/commands';
import { Roles } from '../kernel/http/access';
import { answer, answerQuery } from '../kernel/http/answer';
import { Context } from '../kernel/http/command-context';
import { CommandDocs, Problems } from '../kernel/http/docs.decorators';
import { Limited } from '../kernel/http/limits/limited';
import { PathId } from '../kernel/http/path-id';
import { CurrentPrincipal, type Principal } from '../kernel/http/principal';
import { HttpReply, HttpRequest } from '../kernel/http/request';
import { AccountViews } from './account-views';
import { Accounts, DisableAccount, Emails, EnableAccount, GrantRole, RevokeRole } from './accounts.commands';
import { AccountDto, AccountQueryDto, AccountsDto, GrantRoleDto } from './accounts.dto';

type AccountCommand = GrantRole | RevokeRole | DisableAccount | EnableAccount;

@ApiTags('Accounts')
@Roles('admin')
@Controller('api/admin/accounts')
export class AdminAccountsController {
  private readonly log = new Logger('Security');

  constructor(
    private readonly commands: CommandBus,
    private readonly accounts: Accounts,
    private readonly emails: Emails,
    private readonly views: AccountViews,
  ) {}

  /** The account that has the e-mail address: one item, or none. */
  @Get()
  async find(@Query() { email }: AccountQueryDto): Promise<AccountsDto> {
    const accountId = await this.emails.ownerOf(email);
    if (accountId === null) return { items: [] };
    const { state } = await this.accounts.get(accountId);
    return { items: [await this.views.of(state)] };
  }

  @Get(':accountId')
  @Problems('account-not-found')
  @ApiOkResponse({ type: AccountDto })
  async get(
    @PathId('accountId') accountId: string,
    @HttpRequest() request: FastifyRequest,
    @HttpReply() reply: FastifyReply,
  ): Promise<AccountDto> {
    const { state, revision } = await this.accounts.get(accountId);
    return answerQuery(request, reply, revision, await this.views.of(state));
  }

  /** The account's tokens are void within a second: it logs in again to use the role. */
  @Post(':accountId/roles')
  @Limited('changes')
  @HttpCode(200)
  @CommandDocs({ ifMatch: 'optional', problems: ['account-not-found'] })
  @ApiOkResponse({ type: AccountDto })
  grantRole(
    @PathId('accountId') accountId: string,
    @Context() context: CommandContext,
    @Body() { role }: GrantRoleDto,
    @HttpReply() reply: FastifyReply,
  ): Promise<AccountDto> {
    return this.execute(reply, new GrantRole(context, { accountId, role }), `got the role ${role}`);
  }

  /** Taking a role away that the account does not have is done already. */
  @Delete(':accountId/roles/:role')
  @Limited('changes')
  @CommandDocs({ ifMatch: 'optional', problems: ['account-not-found', 'own-admin-rights'] })
  @ApiOkResponse({ type: AccountDto })
  revokeRole(
    @PathId('accountId') accountId: string,
    @Param('role') role: string,
    @CurrentPrincipal() { id: by }: Principal,
    @Context() context: CommandContext,
    @HttpReply() reply: FastifyReply,
  ): Promise<AccountDto> {
    return this.execute(reply, new RevokeRole(context, { accountId, role, by }), `lost the role ${role}`);
  }

  /** Nobody can log in to the account, and its tokens are void within a second. */
  @Post(':accountId/disable')
  @Limited('changes')
  @HttpCode(200)
  @CommandDocs({ ifMatch: 'optional', problems: ['account-not-found', 'own-admin-rights'] })
  @ApiOkResponse({ type: AccountDto })
  disable(
    @PathId('accountId') accountId: string,
    @CurrentPrincipal() { id: by }: Principal,
    @Context() context: CommandContext,
    @HttpReply() reply: FastifyReply,
  ): Promise<AccountDto> {
    return this.execute(reply, new DisableAccount(context, { accountId, by }), 'was disabled');
  }

  @Post(':accountId/enable')
  @Limited('changes')
  @HttpCode(200)
  @CommandDocs({ ifMatch: 'optional', problems: ['account-not-found'] })
  @ApiOkResponse({ type: AccountDto })
  enable(
    @PathId('accountId') accountId: string,
    @Context() context: CommandContext,
    @HttpReply() reply: FastifyReply,
  ): Promise<AccountDto> {
    return this.execute(reply, new EnableAccount(context, { accountId }), 'was enabled');
  }

  /** `what` has become of the account, for the log: who may do what concerns everybody, and changes seldom. */
  private async execute(reply: FastifyReply, command: AccountCommand, what: string): Promise<AccountDto> {
    const changed = await this.commands.execute(command);
    const { accountId } = command.data;
    if (changed.outcome === 'appended') this.log.warn(`Account ${accountId} ${what}, by ${command.context.actor.id}.`);
    return answer(reply, changed, { body: await this.views.of(changed.state) });
  }
}
