import { Injectable } from '@nestjs/common';
import { Aliases } from '../shop/aliases';
import { Accounts } from './accounts.commands';

@Injectable()
export class AccountAliases extends Aliases {
  constructor(private readonly accounts: Accounts) {
    super();
  }

  override async of(accountId: string): Promise<readonly string[]> {
    const { state } = await this.accounts.peek(accountId);
    return state.status === 'none' ? [accountId] : [accountId, ...state.guestIds];
  }
}
