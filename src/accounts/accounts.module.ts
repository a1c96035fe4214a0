import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { Aliases } from '../shop/aliases';
import { AccessGuard } from './access.guard';
import { AccountAliases } from './account-aliases';
import { AccountViews } from './account-views';
import { accountCommandHandlers, Accounts, Credentials, Emails } from './accounts.commands';
import { AdminAccountsController } from './admin-accounts.controller';
import { Attempts } from './attempts';
import { AuthController } from './auth.controller';
import { FirstAdmin } from './first-admin';
import { GuestHandOvers } from './guest-hand-overs';
import { Guests, LinkGuestHandler } from './guests.commands';
import { LogIns } from './log-ins';
import { Passwords } from './passwords';
import { Tokens } from './tokens';

/** Global for what every context may ask: whose orders an account may see. The guard is everyone's as it is. */
@Global()
@Module({
  imports: [CqrsModule],
  controllers: [AuthController, AdminAccountsController],
  providers: [
    Accounts,
    Guests,
    Emails,
    Credentials,
    Passwords,
    Attempts,
    Tokens,
    LogIns,
    GuestHandOvers,
    AccountViews,
    FirstAdmin,
    AccessGuard,
    { provide: APP_GUARD, useExisting: AccessGuard },
    { provide: Aliases, useClass: AccountAliases },
    ...accountCommandHandlers,
    LinkGuestHandler,
  ],
  exports: [Aliases, FirstAdmin],
})
export class AccountsModule {}
