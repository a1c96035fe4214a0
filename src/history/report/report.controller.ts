import { Controller, Get, Inject, Optional, Query, Logger } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Roles } from '../../kernel/http/access';
import { Problems } from '../../kernel/http/docs.decorators';
import { headerOf } from '../../kernel/http/header';
import { HttpReply, HttpRequest, untilGone } from '../../kernel/http/request';
import { rejected, toldOf } from '../problems';
import { ReportQuery } from './report.dto';
import { ReportDesk } from './report-desk';
import type { ReportForm } from './make-report';

const CONTENT = {
  'text/html': { schema: { type: 'string' as const } },
  'application/json': {
    schema: {
      type: 'object' as const,
      additionalProperties: true,
      description: 'As `chronocart history report --json` gives them.',
    },
  },
};

const MEDIA_TYPES: Readonly<Record<ReportForm, string>> = {
  page: 'text/html; charset=utf-8',
  figures: 'application/json; charset=utf-8',
};

/** The page has its styles in itself, and needs nothing else: no scripts, no images, nothing of anywhere. */
const HEADERS = {
  'cache-control': 'no-store',
  vary: 'Accept',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

/** What a stretch of the history came to, for analysts. */
@ApiTags('History')
@Roles('analyst')
@Controller('api/history/report')
export class ReportController {
  private readonly logger = new Logger('ReportController');

  constructor(@Optional() @Inject(ReportDesk) private readonly desk: ReportDesk | null = null) {}

  /**
   * One page with plots: sales, from cart to delivery, times of steps, stock-outs, abandoned carts. `Accept: application/json` gives its
   * figures, with amounts in minor units. The same history and the same `to` give the same bytes.
   */
  @Get()
  @Problems(
    'report-too-much-memory',
    'report-timeout',
    'report-busy',
    'history-not-ready',
    'history-unavailable',
    'history-not-here',
  )
  @ApiOkResponse({ content: CONTENT })
  async report(
    @Query() query: ReportQuery,
    @HttpRequest() request: FastifyRequest,
    @HttpReply() reply: FastifyReply,
  ): Promise<string> {
    if (this.desk === null) throw rejected('history-not-here');
    const form = formOf(headerOf(request, 'accept'));
    const text = await this.desk.report(query, form, untilGone(reply)).catch((error: unknown) => {
      throw toldOf(error, this.logger);
    });
    reply.headers({ ...HEADERS, 'content-type': MEDIA_TYPES[form] });
    return text;
  }
}

/** Browsers take both, and are shown the page. */
const formOf = (accept = ''): ReportForm =>
  accept.includes('application/json') && !accept.includes('text/html') ? 'figures' : 'page';
