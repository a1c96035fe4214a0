import type { ParkedKeys } from './parking';
import type { Projection } from './projection';
import type { Versions } from './versions';

/** Whether one version of a read model is complete: built by this process, or by another one. */
export class Readiness {
  /** Whether this process projects it now, and has caught up since it began to; null: others project it. */
  private here: { caughtUp: boolean } | null = null;
  private ready = false;
  /** It was ready, and then its documents were gone. */
  private lost = false;

  constructor(
    private readonly projection: Projection,
    private readonly versions: Versions,
    private readonly parked: ParkedKeys,
  ) {}

  /** A projector of this process takes it up. */
  begin(): void {
    this.here = { caughtUp: false };
  }

  /** That projector has stopped. */
  end(): void {
    this.here = null;
  }

  /** It is built from the first event on; whatever there is of it is not served meanwhile. @throws what the store throws */
  async startOver(): Promise<void> {
    if (this.ready) this.lost = true;
    this.ready = false;
    if (this.here) this.here.caughtUp = false;
    await this.versions.update(this.projection, { promoted: false, caughtUp: false });
  }

  /** The projector of this process has folded all that is in the store; `flush` stores its checkpoint. */
  async caughtUp(flush: () => Promise<void>): Promise<void> {
    if (!this.here || this.here.caughtUp) return;
    await flush();
    await this.versions.update(this.projection, { caughtUp: true });
    this.here.caughtUp = true;
    await this.isReady();
  }

  /** A version that was ready once stays so; a new one must have caught up first, with nothing parked that nobody has looked at. */
  async isReady(): Promise<boolean> {
    if (this.ready) return true;
    if (this.here && !this.here.caughtUp) return false;
    const { promoted, caughtUp } = await this.versions.of(this.projection);
    if (!promoted) {
      if (!caughtUp || (await this.parked.unacknowledged()) > 0) return false;
      await this.versions.update(this.projection, { promoted: true });
    }
    return (this.ready = true);
  }

  /** Whether what is there may be answered; not what is left, or built again, of what was lost. */
  async isServed(): Promise<boolean> {
    if (this.lost && (await this.versions.of(this.projection)).caughtUp) this.lost = false;
    return !this.lost;
  }

  /** What others project may be lost with the store that it is in. Answers whether it has just been. @throws what the store throws */
  async isLost(): Promise<boolean> {
    if (this.here || !this.ready || (await this.versions.of(this.projection)).caughtUp) return false;
    this.ready = false;
    return (this.lost = true);
  }
}
