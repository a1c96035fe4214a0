import type { Json } from '../json';
import { ERASED, type PersonalData, type PersonalKind, type PlainOf, type Sealed } from './personal';

const MEMBERS = ['subject', 'purpose', 'kind', 'iv', 'ct'] as const;

/** Whether a value is an envelope: just its six members, and the version that this release writes. */
export function isSealed(value: unknown): value is Sealed {
  if (typeof value !== 'object' || value === null) return false;
  const candidate = value as Readonly<Record<string, unknown>>;
  return (
    candidate['v'] === 1 &&
    MEMBERS.every((member) => typeof candidate[member] === 'string') &&
    Object.keys(candidate).length === MEMBERS.length + 1
  );
}

/** Every envelope anywhere in a JSON value, in the order of its members. */
export function findSealed(value: unknown): Sealed[] {
  if (isSealed(value)) return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(findSealed);
}

/** Personal kinds by name: what a reader of many contexts' documents can open. */
export type PersonalKinds<P extends PersonalKind = PersonalKind> = ReadonlyMap<string, P>;

export function personalKinds<const P extends readonly PersonalKind[]>(...kinds: P): PersonalKinds<P[number]> {
  const byName = new Map<string, P[number]>();
  for (const personal of kinds) {
    if (byName.has(personal.kind)) throw new Error(`Personal kind ${personal.kind} is declared twice.`);
    byName.set(personal.kind, personal);
  }
  return byName;
}

/** A value in which each envelope has become its plain value, or null where that was erased. */
export type Opened<T, P extends PersonalKind = PersonalKind> =
  T extends Sealed<infer K>
    ? PlainOf<Extract<P, PersonalKind<K>>> | null
    : T extends readonly (infer I)[]
      ? Opened<I, P>[]
      : T extends object
        ? { [M in keyof T]: Opened<T[M], P> }
        : T;

/**
 * Opens every envelope in a JSON value, for whoever may see all of it: the HTTP edge, the mailer, the PDF writer. Erased
 * values become null. The given value stays as it is.
 * @throws PersonalKeyMissing | KeyStoreUnavailable (503) and what else PersonalData.open throws
 */
export async function openAll<T, P extends PersonalKind>(
  personalData: PersonalData,
  value: T,
  kinds: PersonalKinds<P>,
): Promise<Opened<T, P>> {
  const plain = new Map<Sealed, Json>();
  await Promise.all(
    findSealed(value).map(async (sealed) => {
      const personal = kinds.get(sealed.kind);
      if (!personal) throw new Error(`Personal kind ${sealed.kind} is not declared.`);
      const opened = await personalData.open<string, P['schema']>(personal, sealed);
      plain.set(sealed, opened === ERASED ? null : (opened as Json));
    }),
  );
  return (plain.size === 0 ? value : replaced(value, plain)) as Opened<T, P>;
}

function replaced(value: unknown, plain: ReadonlyMap<unknown, Json>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (plain.has(value)) return plain.get(value);
  if (Array.isArray(value)) return value.map((item) => replaced(item, plain));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, replaced(member, plain)]));
}
