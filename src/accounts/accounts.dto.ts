import { applyDecorators } from '@nestjs/common';
import { IsString, ValidateBy } from 'class-validator';
import { EmailAddress, OptionalMember } from '../kernel/http/decorators';
import { Of } from '../kernel/http/of.decorator';
import { Characters, Normalised } from '../kernel/http/text.decorators';
import type { PersonKind } from '../kernel/events';
import type { GrantedRole } from '../words/roles';
import { accountEvents, type AccountStatus } from './accounts.events';
import { email, MAX_EMAIL, personName } from './accounts.people';
import { MAX_PASSWORD, MIN_PASSWORD, normalised } from './passwords';

/** Characters of a guest's token, and room for what is added to it one day. */
const MAX_TOKEN = 2_048;

/** A password that is set: so many characters in the form in which it is hashed, and none that no keyboard has (RFC 8265, 4.2.2). */
const NewPassword = () =>
  applyDecorators(
    IsString(),
    Characters({ min: MIN_PASSWORD, max: MAX_PASSWORD }),
    ValidateBy({
      name: 'newPassword',
      validator: {
        validate: (value) =>
          typeof value === 'string' &&
          value.length <= 2 * MAX_PASSWORD &&
          !/\p{Cc}/u.test(value) &&
          Array.from(normalised(value)).length >= MIN_PASSWORD,
        defaultMessage: () =>
          `$property must have at least ${MIN_PASSWORD} characters, an accent with its letter being one, and no control characters`,
      },
    }),
  );

export class RegisterDto {
  @EmailAddress(email.schema)
  email!: string;

  /**
   * 8 to 256 characters, all of which count; none of the passwords that everyone tries first.
   * @example "correct horse battery staple"
   */
  @NewPassword()
  password!: string;

  @OptionalMember()
  @Of(personName.schema, { example: 'Ada Lovelace' })
  name?: string;

  /** The token of the guest that the client has been: its cart is added to the account's. It may be sent as the bearer token instead. */
  @OptionalMember()
  @IsString()
  @Characters({ min: 1, max: MAX_TOKEN })
  guestToken?: string;
}

export class LogInDto {
  /** @example "ada@example.org" */
  @IsString()
  @Characters({ min: 1, max: MAX_EMAIL })
  email!: string;

  /** @example "correct horse battery staple" */
  @IsString()
  @Characters({ min: 1, max: MAX_PASSWORD })
  password!: string;

  /** The token of the guest that the client has been: its cart is added to the account's. It may be sent as the bearer token instead. */
  @OptionalMember()
  @IsString()
  @Characters({ min: 1, max: MAX_TOKEN })
  guestToken?: string;
}

export class ChangePasswordDto {
  /** The password until now. */
  @IsString()
  @Characters({ min: 1, max: MAX_PASSWORD })
  current!: string;

  /** The password from now on: 8 to 256 characters. */
  @NewPassword()
  next!: string;
}

export class GrantRoleDto {
  @Of(accountEvents.types.RoleGranted.schema.properties.role)
  role!: GrantedRole;
}

export class AccountQueryDto {
  /** The whole address; upper and lower case are the same. A + in it may be sent as it is, although a query means a blank by it. */
  @Normalised((address) => address.replace(/(?<=\S) (?=\S)/g, '+'))
  @IsString()
  @Characters({ min: 1, max: MAX_EMAIL })
  email!: string;
}

export class AccountDto {
  accountId!: string;
  status!: AccountStatus;
  /** null: the personal data of this account was erased. */
  email!: string | null;
  name!: string | null;
  roles!: string[];
}

export class AccountsDto {
  items!: AccountDto[];
}

/** An access token, and how it is sent: `Authorization: Bearer <accessToken>`. */
export class TokenDto {
  accessToken!: string;
  tokenType!: 'Bearer';
  expiresInSeconds!: number;
}

export class SessionDto extends TokenDto {
  account!: AccountDto;
  /**
   * For the header `Device-Token` of later log-ins on this device: whoever sends it is no stranger, and is let in while others guess
   * at the password. It lets nobody in by itself. Void after another password, or after 400 days.
   */
  deviceToken!: string;
  /**
   * What became of the guest's cart, where a guest logged in: `merged`, or `pending` when it takes longer than a second
   * (it will be there, without further doing).
   */
  guestCart?: 'merged' | 'pending';
}

export class GuestDto extends TokenDto {
  guestId!: string;
}

/** Who sends the request. */
export class MeDto {
  kind!: PersonKind;
  id!: string;
  account!: AccountDto | null;
}
