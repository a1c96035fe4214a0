import type { ArgumentMetadata, PipeTransform, Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { isForbidden } from './body-guard';
import { pointerTo } from './pointer';
import { problem, type ProblemError } from './problem';
import { isPlain, shapeErrors } from './shape';

/** Nothing is converted unless a property says how (`@Type`, `@Transform`), nothing unknown passes, no value is echoed. */
const OPTIONS = {
  whitelist: true,
  forbidNonWhitelisted: true,
  forbidUnknownValues: true,
  stopAtFirstError: true,
  validationError: { target: false, value: false },
} as const;

/** So many errors one answer lists: enough to mend a request, too few to make the answer larger than the request. */
const MAX_ERRORS = 100;

/** What a parameter of a handler is checked against when it is no class of ours. */
const PLAIN = new Set<unknown>([Object, Array, Number, Boolean, undefined]);

/**
 * Makes bodies and queries into their classes and checks them, in one synchronous step: Nest's own pipe takes twice as long.
 * @throws Rejected `validation-failed` with `errors`: JSON Pointers into a body, names of parameters of a query
 */
export class ValidationPipe implements PipeTransform {
  transform(value: unknown, { type, metatype, data }: ArgumentMetadata): unknown {
    if (type === 'custom') return value;
    if (metatype === String) return text(value, data);
    if (PLAIN.has(metatype)) throw new Error(`A parameter that takes the ${type} must have a class that validates it.`);
    const plain = type === 'query' ? withoutToken(value as object) : value === undefined ? {} : value;
    if (type === 'body' && !isPlain(plain)) throw failed([{ pointer: '', detail: 'must be a JSON object' }]);
    if (type !== 'body') refuseForbidden(plain as object);
    const shape = shapeErrors(metatype as Type<object>, plain as object, MAX_ERRORS);
    if (shape.hopeless) throw failed(shape.errors.map(({ path, detail }) => errorAt(path, detail, type === 'body')));
    const instance = plainToInstance(metatype as Type<object>, plain as object);
    const errors = validateSync(instance, OPTIONS);
    if (errors.length > 0) throw failed(listed(errors, type === 'body'));
    return instance;
  }
}

const failed = (errors: readonly ProblemError[]) => problem('validation-failed', { errors });

/** One parameter by its name: `?a=1&a=2` would be a list. */
function text(value: unknown, name: string | undefined): unknown {
  if (value === undefined || typeof value === 'string') return value;
  throw failed([{ parameter: name, detail: 'must be stated once' }]);
}

/** `?consistency=` is read beside the query's own parameters, on every route. */
function withoutToken(query: object): object {
  if (!('consistency' in query)) return query;
  const { consistency: _, ...own } = query;
  return own;
}

/** class-transformer drops some of these names without a word. */
function refuseForbidden(query: object): void {
  for (const name of Object.keys(query))
    if (isForbidden(name)) throw failed([{ parameter: name, detail: `${name} should not exist` }]);
}

const errorAt = (path: readonly (string | number)[], detail: string, inBody: boolean): ProblemError =>
  inBody ? { pointer: pointerTo(path), detail } : { parameter: String(path[0]), detail };

function listed(errors: readonly ValidationError[], inBody: boolean): ProblemError[] {
  const found: ProblemError[] = [];
  const visit = (error: ValidationError, parents: readonly string[]) => {
    const path = [...parents, error.property];
    for (const detail of Object.values(error.constraints ?? {}))
      if (found.length < MAX_ERRORS) found.push(errorAt(path, detail, inBody));
    for (const child of error.children ?? []) visit(child, path);
  };
  for (const error of errors) visit(error, []);
  return found;
}
