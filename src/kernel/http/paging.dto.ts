import { QueryInteger, QueryText } from './query.decorators';

/** A page holds at most so many items. */
export const MAX_PAGE = 100;
const DEFAULT_PAGE = 20;

/** Query parameters of every list; the classes of queries extend it. */
export class PageQuery {
  /** So many items at most. */
  @QueryInteger({ min: 1, max: MAX_PAGE, default: DEFAULT_PAGE })
  limit: number = DEFAULT_PAGE;

  /** From the Link header, or from `next` and `prev` of another page. */
  @QueryText({ max: 2_000 })
  cursor?: string;
}
