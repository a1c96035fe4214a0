import type { StoredEvent } from '../../kernel/events';
import { ReaderMustRestart } from '../../kernel/feed/feed-reader';
import { messageOf } from '../../kernel/message-of';
import { stampOf } from '../../kernel/position';

/** Kafka can't be reached, refuses, or did not answer in time. What was under way may or may not have happened. */
export class KafkaUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KafkaUnavailable';
  }
}

/** Brokers or topics are such that the relay could not keep its promises. Somebody has to change them. */
export class KafkaUnfit extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'KafkaUnfit';
  }
}

/**
 * Another relay has taken over. This one keeps still until it is started again: it neither connects nor sends, so that two relays
 * never drive each other out in turn.
 */
export class RelayFenced extends ReaderMustRestart {
  constructor(options?: ErrorOptions) {
    super('Another relay has taken over, so this one keeps still.', options);
    this.name = 'RelayFenced';
  }
}

/** Kafka has lost a checkpoint that it had acknowledged, and perhaps events with it. The relay goes on where Kafka says, after a new start. */
export class KafkaWentBack extends ReaderMustRestart {
  constructor(message: string) {
    super(message);
    this.name = 'KafkaWentBack';
  }
}

/** An event has no public counterpart that this release could make. The relay waits at it, because leaving it out would be a gap. */
export class UntranslatableEvent extends Error {
  constructor({ id, type, position }: StoredEvent, cause: unknown) {
    super(
      `Event ${id} (${type} at ${stampOf(position)}) can't be published: ${reasonOf(cause)} The relay waits here until a release that can publish it is started.`,
      { cause },
    );
    this.name = 'UntranslatableEvent';
  }
}

/**
 * Answers within so many milliseconds.
 * @throws KafkaUnavailable for an error of kafkajs, and when it has not answered by then; it may still go on by itself
 */
export async function inKafka<T>(what: string, milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const late = () => reject(new KafkaUnavailable(`${what}: there was no answer for ${milliseconds / 1_000} s.`));
    timer = setTimeout(late, milliseconds);
  });
  try {
    return await Promise.race([work, tooLate]);
  } catch (error) {
    if (!isOfKafka(error)) throw error;
    throw new KafkaUnavailable(`${what}: ${reasonOf(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** As a sentence. kafkajs' messages name brokers, topics and requests, and never credentials. */
export function reasonOf(error: unknown): string {
  const text = messageOf(error);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Whether kafkajs threw it; anything else is a defect, or was said by the relay itself. */
export const isOfKafka = (error: unknown): boolean => error instanceof Error && error.name.startsWith('KafkaJS');

/**
 * That a producer with the same transactional id was started after this one, or that the broker gave up a transaction of it. Error
 * code 90 (PRODUCER_FENCED) is newer than kafkajs, which says so in words.
 */
export const isFencing = (error: unknown): boolean =>
  causesOf(error).some(
    ({ type, message }) => type === 'INVALID_PRODUCER_EPOCH' || /Unknown error code 90\b/.test(message),
  );

/** That a broker, or a segment of its log, takes no batch as large as one of these. */
export const isTooLarge = (error: unknown): boolean =>
  causesOf(error).some(({ type }) => type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE');

/** That a broker has answered, and refused; it was not only out of reach. */
export const isAnswer = (error: unknown): boolean =>
  causesOf(error).some(({ name }) => name === 'KafkaJSProtocolError');

/** The error, and what it came from. */
function causesOf(error: unknown): (Error & { readonly type?: string })[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : [];
}
