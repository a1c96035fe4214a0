/** The command line makes no sense. The message is one plain sentence that says what would. */
export class Misuse extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Misuse';
  }
}

/** The values of the options of one command line, by name. */
export class OptionValues {
  constructor(private readonly values: Readonly<Record<string, unknown>>) {}

  /** undefined: it was not given. */
  text(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === 'string' ? value : undefined;
  }

  /** Of an option that may be given several times; a value with commas counts as several. */
  texts(name: string): readonly string[] {
    const value = this.values[name];
    const given = Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : [];
    return given.flatMap((text) => text.split(',').map((part) => part.trim())).filter((part) => part !== '');
  }

  flag(name: string): boolean {
    return this.values[name] === true;
  }

  /** @throws Misuse when it is none of `allowed` */
  oneOf<T extends string>(name: string, allowed: readonly T[], fallback: T): T {
    const text = this.text(name) ?? fallback;
    const found = allowed.find((value) => value === text);
    if (found === undefined) throw new Misuse(`--${name} is one of ${allowed.join(', ')}, not ${text}.`);
    return found;
  }

  /** undefined: it was not given. @throws Misuse when it is no whole number from `least` on */
  wholeNumber(name: string, least = 0): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const number = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (!(number >= least)) throw new Misuse(`--${name} is a whole number from ${least} on, not ${text}.`);
    return number;
  }
}
