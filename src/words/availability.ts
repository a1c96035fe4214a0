/** The shelves as buying sees them: from the stock itself and never from a read model. */
export abstract class Availability {
  /** Units that can be bought now, by variant: 0 of what never came in. At most a second old. */
  abstract of(variantIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
}
