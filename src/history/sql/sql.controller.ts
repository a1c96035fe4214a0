import { Body, Controller, HttpCode, Inject, Logger, Optional, Post, StreamableFile } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { Roles } from '../../kernel/http/access';
import { Problems } from '../../kernel/http/docs.decorators';
import { Limited } from '../../kernel/http/limits/limited';
import { HttpReply, HttpRequest } from '../../kernel/http/request';
import { AskSqlDto, SqlAnswerDto } from './sql.dto';
import { type AnsweredSql, SqlDesk } from './sql-desk';
import { rejected, toldOf } from '../problems';
import { refusalOf, SqlRefused } from './sql-refused';
import type { SqlPage } from './sql-database';

const NDJSON = 'application/x-ndjson';

const CONTENT = {
  'application/json': { schema: { $ref: getSchemaPath(SqlAnswerDto) } },
  [NDJSON]: { schema: { type: 'string' as const } },
};

/** SQL over the whole history, for analysts. */
@ApiTags('History')
@ApiExtraModels(SqlAnswerDto)
@Roles('analyst')
@Controller('api/history')
export class SqlController {
  private readonly logger = new Logger('SqlController');

  constructor(@Optional() @Inject(SqlDesk) private readonly desk: SqlDesk | null = null) {}

  /**
   * Answers one SELECT, and says what the answer is as of. `Accept: application/x-ndjson` streams it: a line with `asOf` and
   * `columns`, then a line per row, then one with `end`, the number of rows, or with the `problem` that cut it short.
   */
  @Post('sql')
  @Limited('reads')
  @HttpCode(200)
  @Problems(
    'sql-invalid',
    'sql-not-allowed',
    'sql-failed',
    'sql-too-much-memory',
    'sql-timeout',
    'sql-result-too-large',
    'sql-busy',
    'history-not-ready',
    'history-unavailable',
    'history-not-here',
  )
  @ApiOkResponse({ content: CONTENT })
  async ask(
    @Body() { sql }: AskSqlDto,
    @HttpRequest() request: FastifyRequest,
    @HttpReply() reply: FastifyReply,
  ): Promise<SqlAnswerDto | StreamableFile> {
    const answer = await this.answer(sql);
    reply.header('cache-control', 'no-store');
    if (request.headers.accept?.includes(NDJSON))
      return new StreamableFile(Readable.from(this.lines(answer)), { type: `${NDJSON}; charset=utf-8` });
    return this.whole(answer);
  }

  private async answer(sql: string): Promise<AnsweredSql> {
    if (this.desk === null) throw rejected('history-not-here');
    try {
      return await this.desk.ask(sql);
    } catch (error) {
      throw this.problemOf(error);
    }
  }

  /** What has been sent cannot be taken back: the last line says how it ended. */
  private async *lines({ copy: { asOf }, columns, pages }: AnsweredSql): AsyncGenerator<string, void> {
    yield `${JSON.stringify({ asOf, columns })}\n`;
    let rows = 0;
    try {
      for await (const page of pages) {
        rows += page.length;
        yield page.map((row) => `${JSON.stringify(row)}\n`).join('');
      }
      yield `${JSON.stringify({ end: rows })}\n`;
    } catch (error) {
      if (!(error instanceof SqlRefused)) this.logger.error(error);
      const { code, message } = refusalOf(error);
      yield `${JSON.stringify({ problem: { code, detail: message } })}\n`;
    }
  }

  private async whole({ copy: { asOf }, columns, pages }: AnsweredSql): Promise<SqlAnswerDto> {
    const rows: SqlPage[number][] = [];
    try {
      for await (const page of pages) rows.push(...page);
    } catch (error) {
      throw this.problemOf(error);
    }
    return { asOf, columns, rows };
  }

  private problemOf(error: unknown): unknown {
    return error instanceof SqlRefused ? rejected(error.code, { detail: error.message }) : toldOf(error, this.logger);
  }
}
