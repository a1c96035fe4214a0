import { Injectable } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates, WritePath, type Changed } from '../kernel/aggregates';
import { Command } from '../kernel/commands';
import { addGuestAlias, type Account } from './account';
import { Accounts } from './accounts.commands';
import type { GuestEvent } from './accounts.events';
import { guest, link, type Guest } from './guest';

@Injectable()
export class Guests extends Aggregates<Guest, GuestEvent> {
  constructor(path: WritePath) {
    super(path, guest);
  }
}

export class LinkGuest extends Command<{ guestId: string; accountId: string }, Changed<Account>> {}

/** First the guest, of which two accounts can't both be told; should this process end then, the cart merge tells the account. */
@CommandHandler(LinkGuest)
export class LinkGuestHandler implements ICommandHandler<LinkGuest> {
  constructor(
    private readonly guests: Guests,
    private readonly accounts: Accounts,
  ) {}

  async execute(command: LinkGuest): Promise<Changed<Account>> {
    const { guestId, accountId } = command.data;
    await this.guests.change(command, guestId, { decide: (guest) => link(guest, command.data) });
    return this.accounts.change(command, accountId, { decide: (account) => addGuestAlias(account, command.data) });
  }
}
