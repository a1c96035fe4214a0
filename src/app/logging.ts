import { ConsoleLogger, type LogLevel as NestLogLevel } from '@nestjs/common';
import type { Config, LogLevel } from '../config';

const LEVELS: readonly NestLogLevel[] = ['fatal', 'error', 'warn', 'log', 'debug'];
const LEAST: Readonly<Record<LogLevel, NestLogLevel>> = { error: 'error', warn: 'warn', info: 'log', debug: 'debug' };

/** What the framework says at each start about its own parts: of use to nobody who runs a shop. */
const FRAMEWORK = new Set(['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestApplication']);

/** The shop's log: lines for people, or JSON for machines. */
export class ShopLogger extends ConsoleLogger {
  constructor({ logFormat, logLevel }: Pick<Config, 'logFormat' | 'logLevel'>) {
    super({ json: logFormat === 'json', logLevels: LEVELS.slice(0, LEVELS.indexOf(LEAST[logLevel]) + 1) });
  }

  override log(message: unknown, ...rest: unknown[]): void {
    if (!FRAMEWORK.has(String(rest.at(-1)))) super.log(message, ...(rest as [string]));
  }
}
