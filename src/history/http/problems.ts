import { rejections } from '../../kernel/rejection';
import { NoSuchStream } from '../stream-history';

export const rejected = rejections({
  'stream-unknown': [404, 'The log has no such stream.'],
  'correlation-unknown': [404, 'The log has no event of this correlation.'],
});

/** What the history has no answer to, as a problem. */
export async function answered<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof NoSuchStream ? rejected('stream-unknown', { detail: error.message }) : error;
  }
}
