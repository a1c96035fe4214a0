import { applyDecorators } from '@nestjs/common';
import { ValidateBy, type ValidationArguments } from 'class-validator';
import { Of } from '../kernel/http/of.decorator';
import { hasCardNumber } from '../words/card-numbers';
import { gatewayNamed } from '../words/payment-gateways';
import { PaymentMethod } from '../words/people';

/** Events are never taken back, so a number that a client sends by mistake must not come so far. */
export const NoCardNumber = () =>
  ValidateBy({
    name: 'noCardNumber',
    validator: {
      validate: (value) => typeof value !== 'string' || !hasCardNumber(value),
      defaultMessage: () =>
        '$property must not be the number of a card, but the reference that the gateway gives for it',
    },
  });

const gatewayOf = (args: ValidationArguments | undefined) =>
  gatewayNamed((args?.object as { gateway?: unknown } | undefined)?.gateway);

/** A reference to a means of payment, as the `gateway` beside it gives them. */
export const PaymentToken = () =>
  applyDecorators(
    Of(PaymentMethod.properties.token, { example: 'test-approved' }),
    ValidateBy({
      name: 'paymentToken',
      validator: {
        // A gateway that there is not is refused where it is named.
        validate: (value, args) => typeof value === 'string' && gatewayOf(args)?.token.test(value) !== false,
        defaultMessage: (args) => `$property must be a reference of the gateway: ${gatewayOf(args)?.what}`,
      },
    }),
    NoCardNumber(),
  );
