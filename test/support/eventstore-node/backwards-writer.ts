const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIRST_SIZE = 64 * 1024;
/** More than any tag and length take, in bytes. */
const HEADER = 16;

/**
 * Writes a message of Protocol Buffers from its end to its beginning: what is nested is there before its length is written,
 * so nothing is measured first or moved after. Fields are given last first.
 * (Encoding: https://protobuf.dev/programming-guides/encoding/)
 */
export class BackwardsWriter {
  private buffer = Buffer.allocUnsafe(FIRST_SIZE);
  private start = FIRST_SIZE;

  /** How many bytes there are; what is written between two calls is as long as their difference. */
  get length(): number {
    return this.buffer.length - this.start;
  }

  /** The message, as a copy; the writer begins anew. */
  take(): Buffer {
    const message = Buffer.from(this.buffer.subarray(this.start));
    this.start = this.buffer.length;
    return message;
  }

  number(field: number, value: number): void {
    this.reserve(HEADER);
    this.varint(value);
    this.varint((field << 3) | VARINT);
  }

  text(field: number, text: string): void {
    const length = Buffer.byteLength(text);
    this.reserve(length + HEADER);
    this.start -= length;
    this.buffer.write(text, this.start);
    this.header(field, length);
  }

  bytes(field: number, bytes: Uint8Array): void {
    this.reserve(bytes.length + HEADER);
    this.start -= bytes.length;
    this.buffer.set(bytes, this.start);
    this.header(field, bytes.length);
  }

  /** Makes a nested message of everything that was written since there were `since` bytes. */
  message(field: number, since: number): void {
    this.reserve(HEADER);
    this.header(field, this.length - since);
  }

  private header(field: number, length: number): void {
    this.varint(length);
    this.varint((field << 3) | LENGTH_DELIMITED);
  }

  /** Base 128, the lowest seven bits first; not with bit operators, which know only 32 bits. */
  private varint(value: number): void {
    let size = 1;
    for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
    this.start -= size;
    let at = this.start;
    for (; value >= 128; value = Math.floor(value / 128)) this.buffer[at++] = (value % 128) + 128;
    this.buffer[at] = value;
  }

  private reserve(bytes: number): void {
    if (this.start >= bytes) return;
    const used = this.length;
    const larger = Buffer.allocUnsafe(2 * (used + bytes));
    this.buffer.copy(larger, larger.length - used, this.start);
    this.buffer = larger;
    this.start = larger.length - used;
  }
}
