/** The command line makes no sense. The message is one plain sentence that says what would. */
export class Misuse extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Misuse';
  }
}
