/** Under which principal ids the orders of an account are kept. */
export abstract class Aliases {
  /** The account's own id first, then those of the guests who became it. An unknown account has its own id only. */
  abstract of(accountId: string): Promise<readonly string[]>;
}
