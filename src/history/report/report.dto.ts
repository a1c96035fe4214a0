import { QueryText } from '../../kernel/http/query.decorators';

const LONGEST_INSTANT = 100;

export class ReportQuery {
  /** Begins with the first event of this moment: a time (ISO 8601), or a position of the log. */
  @QueryText({ max: LONGEST_INSTANT })
  from?: string;

  /** Ends with the last event of this moment; everything is as of it. */
  @QueryText({ max: LONGEST_INSTANT })
  to?: string;
}
