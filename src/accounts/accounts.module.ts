import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
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
})
export class AccountsModule {}
