/** A module is none that could be tried; the message is one plain sentence. */
export class NoCandidate extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NoCandidate';
  }
}
