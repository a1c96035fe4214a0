/** One kind of thing that the demo shop sells, in ten models. */
export interface Kind {
  /** Begins the skus. */
  readonly code: string;
  readonly seller: 'hearth' | 'loom' | 'thread' | 'trail';
  readonly noun: string;
  readonly categoryPath: readonly string[];
  readonly brands: readonly string[];
  /** Default: `standard`. */
  readonly taxClass?: string;
  /** What all models have in common. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  /** How variants differ; the first one is asked first. */
  readonly options: Readonly<Record<string, readonly string[]>>;
  /** Of the simplest model, and how much more each next one costs, in cents of a euro. */
  readonly priceMinor: number;
  readonly stepMinor: number;
  /** How much more the n-th value of the last option costs. */
  readonly perValueMinor?: number;
  /** Says what the kind is; the sentence of the model follows. */
  readonly description: string;
  /** The attribute that the material of a model is; default: `material`. */
  readonly materialIs?: string;
  /** Name, material, and a sentence. */
  readonly models: readonly (readonly [name: string, material: string, sentence: string])[];
}
