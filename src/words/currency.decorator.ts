import { applyDecorators } from '@nestjs/common';
import { ValidateBy } from 'class-validator';
import { Of } from '../kernel/http/of.decorator';
import { CURRENCIES } from './currencies';
import { Currency } from './money';

/** A currency that there is. What is stored may have been taken before this was asked for, so the schema of events says less. */
export const CurrencyCode = () =>
  applyDecorators(
    Of(Currency),
    ValidateBy({
      name: 'currencyCode',
      validator: {
        validate: (value) => CURRENCIES.has(value as string),
        defaultMessage: () => '$property must be a currency that is in use, as three capital letters (ISO 4217)',
      },
    }),
  );
