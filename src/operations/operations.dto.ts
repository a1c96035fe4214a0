import { IsBoolean } from 'class-validator';
import Type from 'typebox';
import { ListOf, Text, Uuid } from '../kernel/http/decorators';
import { Of } from '../kernel/http/of.decorator';
import { exact, severalLines } from '../kernel/text/text-kinds';

export class ParkedKeyDto {
  /** The parked document's key, as the list shows it. */
  @Text({ max: 500, kind: exact })
  key!: string;
}

export class SkipEventDto extends ParkedKeyDto {
  /** The event that is left out of the document, as the list shows it. */
  @Uuid()
  eventId!: string;

  /** For whoever reads the history. */
  @Text({ max: 500, example: 'Price without currency, written by release 0.3.0', kind: severalLines })
  reason!: string;
}

export class ParkedInstanceDto {
  /** `<process>-<id>`, as the list shows it. */
  @Text({ max: 100, example: 'checkout-018f2b6e-7a61-7c3d-8e4f-0123456789ab' })
  stream!: string;
}

/** An event, and the instance that never reacted to it. */
export class LostEventDto {
  /** `<process>-<id>`. */
  @Text({ max: 100, example: 'checkout-018f2b6e-7a61-7c3d-8e4f-0123456789ab' })
  instance!: string;

  /** Stream of the event. */
  @Text({ max: 100, example: 'payment-018f2b6e-7a61-7c3d-8e4f-0123456789ab' })
  stream!: string;

  /** Its place in that stream, from 0. */
  @Of(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), { example: 2 })
  revision!: number;
}

export class RepairProcessesDto {
  /** As `history verify --json` lists them; they are made up for in this order. */
  @ListOf(() => LostEventDto, { minItems: 1, maxItems: 100 })
  lost!: LostEventDto[];

  /** Only say what would be done. */
  @IsBoolean()
  dryRun!: boolean;
}
