/** Something that many ask for at once: one reading, begun after they asked, serves all who wait. */
export class SharedReading<T> {
  private running: Promise<T> | null = null;
  private next: Promise<T> | null = null;

  constructor(private readonly take: () => Promise<T>) {}

  /** What is read after this call. @throws what the reading throws */
  read(): Promise<T> {
    if (!this.running) return this.begin();
    return (this.next ??= this.running.then(
      () => this.begin(),
      () => this.begin(),
    ));
  }

  private begin(): Promise<T> {
    this.next = null;
    const running = this.take().finally(() => {
      if (this.running === running) this.running = null;
    });
    return (this.running = running);
  }
}
