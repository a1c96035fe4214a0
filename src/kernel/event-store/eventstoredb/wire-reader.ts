/** https://protobuf.dev/programming-guides/encoding/ */
const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

const DIGITS = 20;
/** Numbers of fewer bytes are below 2^53. */
const BYTES_OF_LARGE_NUMBERS = 8;

/** Reads the fields of a message in Protocol Buffers, in the order in which they are. */
export class WireReader {
  private wireType = VARINT;

  /** `at`: the next byte to read. */
  constructor(
    private readonly bytes: Buffer,
    public at = 0,
  ) {}

  /** Number of the next field of a message that ends before `end`; 0 when there is none. Its value must be read or skipped. */
  field(end: number): number {
    if (this.at >= end) return 0;
    const tag = this.number();
    this.wireType = tag & 7;
    return tag >>> 3;
  }

  /** An unsigned whole number; above 2^53, the one next to it that a number can hold. */
  number(): number {
    const { bytes } = this;
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[this.at++];
      if (byte === undefined) throw new RangeError('A message of the event store is cut off.');
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  /** An unsigned whole number of up to 64 bits, in 20 decimal digits. */
  digits(): string {
    const start = this.at;
    let end = start;
    while (this.bytes[end]! >= 128) end++;
    if (end - start + 1 < BYTES_OF_LARGE_NUMBERS) return String(this.number()).padStart(DIGITS, '0');
    let value = 0n;
    for (let i = end; i >= start; i--) value = (value << 7n) | BigInt(this.bytes[i]! & 127);
    this.at = end + 1;
    return String(value).padStart(DIGITS, '0');
  }

  /** Reads the length of a text, of bytes or of a message: where that ends. */
  end(): number {
    const length = this.number();
    return this.at + length;
  }

  text(): string {
    const end = this.end();
    const text = this.bytes.toString('utf8', this.at, end);
    this.at = end;
    return text;
  }

  skip(): void {
    switch (this.wireType) {
      case VARINT:
        while (this.bytes[this.at++]! >= 128);
        return;
      case LENGTH_DELIMITED:
        this.at = this.end();
        return;
      case FIXED_64:
        this.at += 8;
        return;
      case FIXED_32:
        this.at += 4;
        return;
      default:
        throw new RangeError(`A message of the event store has a field of the unknown kind ${this.wireType}.`);
    }
  }
}
