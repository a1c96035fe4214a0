import { Text, Uuid } from '../kernel/http/decorators';

export class ParkedKeyDto {
  /** The parked document's key, as the list shows it. */
  @Text({ max: 500 })
  key!: string;
}

export class SkipEventDto extends ParkedKeyDto {
  /** The event that is left out of the document, as the list shows it. */
  @Uuid()
  eventId!: string;

  /** For whoever reads the history. */
  @Text({ max: 500, example: 'Price without currency, written by release 0.3.0' })
  reason!: string;
}

export class ParkedInstanceDto {
  /** `<process>-<id>`, as the list shows it. */
  @Text({ max: 100, example: 'checkout-018f2b6e-7a61-7c3d-8e4f-0123456789ab' })
  stream!: string;
}
