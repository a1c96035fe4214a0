/** A query was given up, because its time was over; nothing of it goes on. */
export class QueryTimedOut extends Error {
  /** `within`: milliseconds that it had. */
  constructor(within: number) {
    super(`The query was not answered within ${within} ms.`);
    this.name = 'QueryTimedOut';
  }
}
