import { Logger } from '@nestjs/common';
import { Kafka, logLevel, type logCreator } from 'kafkajs';
import type { KafkaConfig } from '../../config';
import './patch-idle-timer';

/** Milliseconds. */
export const CONNECTION_TIMEOUT = 3_000;
/** Milliseconds that one request may take. */
export const REQUEST_TIMEOUT = 6_000;

/**
 * The first wait is as short as it is because Kafka says CONCURRENT_TRANSACTIONS to whoever begins a transaction within a few
 * milliseconds of the last one; all together it is tried for 5 s.
 */
const RETRY = { initialRetryTime: 5, multiplier: 2, maxRetryTime: 1_000, factor: 0.2, retries: 12 };

const logger = new Logger('kafkajs');

/** What fails is thrown, and said by whoever called; so kafkajs' own messages are for those who look for the reason. */
const debugLog: logCreator =
  () =>
  ({ namespace, log }) => {
    const { message, broker, error } = log as { message: string; broker?: string; error?: unknown };
    const about = [broker, typeof error === 'string' ? error : undefined].filter(Boolean).join(' ');
    logger.debug(`${namespace ? `${namespace}: ` : ''}${message}${about ? ` (${about})` : ''}`);
  };

/** kafkajs with the relay's settings. Nothing is connected yet. */
export const kafkaOf = ({ brokers, prefix, tls, sasl }: KafkaConfig): Kafka =>
  new Kafka({
    brokers: [...brokers],
    clientId: `${prefix}-relay`,
    ssl: tls,
    ...(sasl && { sasl: { ...sasl } as never }),
    connectionTimeout: CONNECTION_TIMEOUT,
    requestTimeout: REQUEST_TIMEOUT,
    enforceRequestTimeout: true,
    retry: RETRY,
    logLevel: logLevel.WARN,
    logCreator: debugLog,
  });
