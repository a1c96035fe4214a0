import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Optional,
  Param,
  Post,
  type StreamableFile,
} from '@nestjs/common';
import { ApiAcceptedResponse, ApiNoContentResponse, ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CommandContext } from '../../kernel/commands';
import { Roles } from '../../kernel/http/access';
import { Context } from '../../kernel/http/command-context';
import { CommandDocs, Problems } from '../../kernel/http/docs.decorators';
import { Limited } from '../../kernel/http/limits/limited';
import { PathId } from '../../kernel/http/path-id';
import { HttpReply, HttpRequest } from '../../kernel/http/request';
import { rejected } from '../problems';
import { download } from './download';
import { ExportDesk } from './export-desk';
import { exportView, pathOf, summaryView } from './export-views';
import { AskExportDto, ExportDto, ExportsDto } from './exports.dto';

const FILE_CONTENT = { 'application/octet-stream': { schema: { type: 'string' as const, format: 'binary' } } };

/** Bulk exports, for analysts: asked for, made beside the shop, downloaded. They are kept for seven days. */
@ApiTags('History')
@Roles('analyst')
@Controller('api/history/exports')
export class ExportsController {
  constructor(@Optional() @Inject(ExportDesk) private readonly given: ExportDesk | null = null) {}

  /**
   * Asks for an export of the history as it is now. NDJSON has the events just as they are stored, sealed values included; the other
   * formats have pseudonyms in their place.
   */
  @Post()
  @Limited('changes')
  @HttpCode(202)
  @CommandDocs({ problems: ['export-too-many', 'export-no-space', 'history-not-here'] })
  @ApiAcceptedResponse({ type: ExportDto })
  async ask(
    @Body() body: AskExportDto,
    @Context() context: CommandContext,
    @HttpReply() reply: FastifyReply,
  ): Promise<ExportDto> {
    const { status, isReplay } = await this.desk.ask(body, context);
    reply.header('location', pathOf(status.job.jobId));
    if (isReplay) reply.header('idempotent-replayed', 'true');
    return exportView(status, await this.desk.manifestOf(status));
  }

  /** All exports that are kept, of whoever asked for them; without their manifests and files. */
  @Get()
  @Problems('history-not-here')
  @ApiOkResponse({ type: ExportsDto })
  async list(): Promise<ExportsDto> {
    return { items: (await this.desk.all()).map(summaryView) };
  }

  /** How far an export has come; when it is done, its manifest and files. */
  @Get(':jobId')
  @Problems('export-unknown', 'history-not-here')
  @ApiOkResponse({ type: ExportDto })
  async find(@PathId('jobId') jobId: string): Promise<ExportDto> {
    const status = await this.desk.find(jobId);
    return exportView(status, await this.desk.manifestOf(status));
  }

  /** Cancels an export that has not ended; removes one that has, with its files. */
  @Delete(':jobId')
  @Limited('changes')
  @HttpCode(204)
  @Problems('export-unknown', 'history-not-here')
  @ApiNoContentResponse()
  async end(@PathId('jobId') jobId: string): Promise<void> {
    await this.desk.end(jobId);
  }

  /** Downloads a file. `Range` is honoured, so that a download that was cut short can go on; the ETag is the SHA-256. */
  @Get(':jobId/files/:name')
  @ApiParam({ name: 'name', example: 'events.parquet' })
  @Problems('export-unknown', 'export-file-unknown', 'export-range-unsatisfiable', 'history-not-here')
  @ApiOkResponse({ content: FILE_CONTENT })
  async file(
    @PathId('jobId') jobId: string,
    @Param('name') name: string,
    @HttpRequest() request: FastifyRequest,
    @HttpReply() reply: FastifyReply,
  ): Promise<StreamableFile> {
    return download(request, reply, await this.desk.file(jobId, name));
  }

  private get desk(): ExportDesk {
    if (this.given === null) throw rejected('history-not-here');
    return this.given;
  }
}
