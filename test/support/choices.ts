/** The choices that one run of the world takes. At the end of the tape it is always the first option, the one that gets on. */
export class Choices {
  private taken = 0;

  constructor(private readonly tape: readonly number[]) {}

  get over(): boolean {
    return this.taken >= this.tape.length;
  }

  of<T>(...options: readonly [T, ...T[]]): T {
    return options[(this.tape[this.taken++] ?? 0) % options.length] as T;
  }
}
