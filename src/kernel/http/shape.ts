import type { Type } from '@nestjs/common';
import { Type as TypeOf } from 'class-transformer';
import { getMetadataStorage } from 'class-validator';

/*
 * What of a request its class does not know is refused before anything is made of it. class-transformer copies each member, and
 * class-validator makes an error of each, for as many as there are; and both pass over names that objects have of themselves.
 */

export interface ShapeError {
  readonly path: readonly (string | number)[];
  readonly detail: string;
}

export interface ShapeErrors {
  readonly errors: readonly ShapeError[];
  /** It is so far from what its class knows that looking at the rest is not worth while. */
  readonly hopeless: boolean;
}

/** So many unknown members are told beside everything else that is wrong. */
const FEW = 20;

/** A member that a class knows. */
interface Member {
  /** Items that its list may have; null: it is no list. */
  readonly most: number | null;
  /** The class of the object, or of each item of the list; null: it is neither. */
  readonly nested: Type<object> | null;
}

type Shape = ReadonlyMap<string, Member>;

export const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const NESTED = Symbol('nested');

/** The value, or each item of the list, becomes an object of this class. */
export const Nested =
  (dto: () => Type<object>): PropertyDecorator =>
  (target, property) => {
    TypeOf(dto)(target, property);
    Reflect.defineMetadata(NESTED, dto, target, property);
  };

const shapes = new Map<Type<object>, Shape>();

/** Members that the class does not know and lists that are too long, at most `max` of them, wherever they are in `plain`. */
export function shapeErrors(type: Type<object>, plain: object, max: number): ShapeErrors {
  const found: ShapeError[] = [];
  let tooLong = false;
  const visit = (object: object, shape: Shape, path: readonly (string | number)[]) => {
    for (const [name, value] of Object.entries(object)) {
      if (found.length >= max) return;
      const member = shape.get(name);
      if (!member) found.push({ path: [...path, name], detail: `property ${name} should not exist` });
      else if (member.most === null) visitNested(value, member, [...path, name]);
      else if (!Array.isArray(value)) continue;
      else if (value.length > member.most) {
        tooLong = true;
        found.push({ path: [...path, name], detail: `${name} must contain no more than ${member.most} elements` });
      } else value.forEach((item, n) => visitNested(item, member, [...path, name, n]));
    }
  };
  const visitNested = (value: unknown, { nested }: Member, path: readonly (string | number)[]) => {
    if (nested && isPlain(value)) visit(value, shapeOf(nested), path);
  };
  visit(plain, shapeOf(type), []);
  return { errors: found, hopeless: tooLong || found.length > FEW };
}

function shapeOf(type: Type<object>): Shape {
  let shape = shapes.get(type);
  if (!shape) shapes.set(type, (shape = readShape(type)));
  return shape;
}

function readShape(type: Type<object>): Shape {
  const shape = new Map<string, Member>();
  for (const { propertyName, name, constraints } of metadataOf(type)) {
    const { most = null } = shape.get(propertyName) ?? {};
    const nested = Reflect.getMetadata(NESTED, type.prototype as object, propertyName) as
      (() => Type<object>) | undefined;
    shape.set(propertyName, {
      most: name === 'arrayMaxSize' ? (constraints[0] as number) : most,
      nested: nested?.() ?? null,
    });
  }
  return shape;
}

const metadataOf = (type: Type<object>) =>
  getMetadataStorage().getTargetValidationMetadatas(type, undefined as never, false, false);
