import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { AccessGuard } from './access.guard';
import { AccountViews } from './account-views';
import { accountCommandHandlers, Accounts, Emails } from './accounts.commands';
import { Credentials } from './credentials';
import { AdminAccountsController } from './admin-accounts.controller';
import { Attempts } from './attempts';
import { AuthController } from './auth.controller';
import { DeviceTokens } from './device-tokens';
import { FamiliarNetworks } from './familiar-networks';
import { FirstAdmin } from './first-admin';
import { GuestHandOvers } from './guest-hand-overs';
import { Guests, LinkGuestHandler } from './guests.commands';
import { LogIns } from './log-ins';
import { Passwords } from './passwords';
import { Tokens } from './tokens';

/** The guard is every module's. */
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
    DeviceTokens,
    FamiliarNetworks,
    Tokens,
    LogIns,
    GuestHandOvers,
    AccountViews,
    FirstAdmin,
    AccessGuard,
    { provide: APP_GUARD, useExisting: AccessGuard },
    ...accountCommandHandlers,
    LinkGuestHandler,
  ],
  exports: [FirstAdmin, DeviceTokens],
})
export class AccountsModule {}
