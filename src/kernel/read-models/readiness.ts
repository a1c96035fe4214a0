import type { BuildMark } from './build-mark';
import type { ParkedKeys } from './parking';
import type { Projection } from './projection';
import { ReadModelsUnavailable } from './read-model-store';
import type { Versions } from './versions';

export interface ReadinessServices {
  readonly versions: Pick<Versions, 'of' | 'update'>;
  readonly parked: Pick<ParkedKeys, 'unacknowledged'>;
  /** Whether there is no event yet: then what is there is all that there can be. */
  readonly isLogEmpty: () => Promise<boolean>;
  /** Names the build that is stored; null: what is stored can't be lost while this process runs. */
  readonly mark: BuildMark | null;
  /** What this process knew to be complete is gone. */
  readonly onLost?: () => void;
}

/** A build of a version that is complete, whoever has built it; `id` null: the only one that this process can meet. */
export interface CompleteBuild {
  readonly id: string | null;
}

/**
 * Whether one version of a read model is complete, and so may be answered from: its documents had caught up with the log once, with
 * nothing parked that no operator had looked at. That is stored beside them, for the build that they are; a build that is lost takes
 * its completeness with it.
 */
export class Readiness {
  /** Whether this process projects it now, and has caught up since it began to; null: others project it. */
  private here: { caughtUp: boolean } | null = null;
  /** The complete build that this process has found, for when the store is away, and so that nobody asks again for each answer. */
  private known: CompleteBuild | null = null;

  constructor(
    private readonly projection: Projection,
    private readonly services: ReadinessServices,
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
    if (this.known) this.lost(this.known);
    if (this.here) this.here.caughtUp = false;
    await this.services.versions.update(this.projection, { promoted: false, caughtUp: false, build: null });
  }

  /** The projector of this process has folded all that is in the store into `build`; `flush` stores its checkpoint. */
  async caughtUp(build: string | null, flush: () => Promise<void>): Promise<void> {
    if (!this.here || this.here.caughtUp) return;
    await flush();
    await this.services.versions.update(this.projection, { caughtUp: true, build });
    this.here.caughtUp = true;
    await this.isReady();
  }

  /** Whether it may be answered from. While the store is away it is as it was. @throws what the store throws, before it was ready once */
  async isReady(): Promise<boolean> {
    const { known } = this;
    if (!known) return (await this.find()) !== null;
    if (!this.services.mark) return true;
    try {
      const [record, stored] = await Promise.all([
        this.services.versions.of(this.projection),
        this.services.mark.stored(),
      ]);
      if (record.caughtUp && stored === known.id) return true;
    } catch (error) {
      if (error instanceof ReadModelsUnavailable) return true;
      throw error;
    }
    this.lost(known);
    return (await this.find()) !== null;
  }

  /** Whether it has caught up, also where it is not ready because an operator must look at something first. @throws what the store throws */
  async isBuilt(): Promise<boolean> {
    if (await this.isReady()) return true;
    return (this.here?.caughtUp ?? true) && (await this.services.versions.of(this.projection)).caughtUp;
  }

  /** The complete build, as far as is known; null: there is none. It proves nothing about what is read afterwards. @throws what the store throws */
  async complete(): Promise<CompleteBuild | null> {
    return this.known ?? this.find();
  }

  /** `build` is not there any more. */
  lost(build: CompleteBuild): void {
    if (this.known !== build) return;
    this.known = null;
    this.services.onLost?.();
  }

  private async find(): Promise<CompleteBuild | null> {
    const { versions, parked, mark, isLogEmpty } = this.services;
    const before = await versions.of(this.projection);
    if (!before.caughtUp || (this.here && !this.here.caughtUp))
      return (await isLogEmpty()) ? { id: mark && (await mark.stored()) } : null;
    // The first release named no build. What it says holds for the one that is there, if it still says so afterwards.
    const id = mark && (before.build == null ? await mark.take() : await mark.stored());
    if (before.build != null && before.build !== id) return null;
    if (!before.promoted && (await parked.unacknowledged()) > 0) return null;
    const isSame = await versions.update(
      this.projection,
      { promoted: true, build: id },
      ({ caughtUp, build }) => caughtUp && build === before.build,
    );
    return isSame ? (this.known = { id }) : null;
  }
}
