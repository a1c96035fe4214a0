import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { CommandContext } from '../kernel/commands';
import { Roles } from '../kernel/http/access';
import { answer } from '../kernel/http/answer';
import { Context } from '../kernel/http/command-context';
import { CommandDocs, Problems } from '../kernel/http/docs.decorators';
import { Limited } from '../kernel/http/limits/limited';
import { HttpReply } from '../kernel/http/request';
import { ProcessOperations } from '../kernel/processes/process-operations';
import { ReadModels } from '../kernel/read-models/read-models';
import { SkipProjectionEvent } from '../kernel/read-models/skips';
import {
  AcknowledgedDocumentDto,
  ParkedDocumentsDto,
  ProcessesDto,
  ReadModelsDto,
  RepairedProcessesDto,
  RetriedDocumentDto,
  RetriedProcessDto,
  SkippedEventDto,
} from './operations-views.dto';
import { ParkedInstanceDto, ParkedKeyDto, RepairProcessesDto, SkipEventDto } from './operations.dto';

/** What keeps running by itself, and what waits for an operator. */
@ApiTags('Operations')
@Roles('admin')
@Controller('api/admin')
export class OperationsController {
  constructor(
    private readonly readModels: ReadModels,
    private readonly processes: ProcessOperations,
  ) {}

  /** Every read model: how far it has come, whether it is served, and how many documents are parked. */
  @Get('read-models')
  async statusOfReadModels(): Promise<ReadModelsDto> {
    return { items: await this.readModels.status() };
  }

  /** Documents whose fold failed: the event, the error, and how many later events are missing. */
  @Get('read-models/:projection/parked')
  @Problems('projection-unknown')
  async parked(@Param('projection') projection: string): Promise<ParkedDocumentsDto> {
    return { items: await this.readModels.parked(projection) };
  }

  /** Makes a parked document anew from the log, as after a release that mends the fold; `failure` says where it fails now. */
  @Post('read-models/:projection/retry')
  @Limited('changes')
  @HttpCode(200)
  @Problems('projection-unknown', 'key-not-parked')
  async retry(@Param('projection') projection: string, @Body() { key }: ParkedKeyDto): Promise<RetriedDocumentDto> {
    const failure = await this.readModels.retry(projection, key);
    return { key, failure: failure && { eventId: failure.event.id, type: failure.event.type, error: failure.error } };
  }

  /** Lets a new version of the read model be served although this key is parked. */
  @Post('read-models/:projection/acknowledge')
  @Limited('changes')
  @HttpCode(200)
  @Problems('projection-unknown', 'key-not-parked')
  async acknowledge(
    @Param('projection') projection: string,
    @Body() { key }: ParkedKeyDto,
  ): Promise<AcknowledgedDocumentDto> {
    await this.readModels.acknowledge(projection, key);
    return { key };
  }

  /** Decides, for good and for every rebuild, that the document goes without the event at which it is parked. */
  @Post('read-models/:projection/skip')
  @Limited('changes')
  @HttpCode(200)
  @CommandDocs({ problems: ['projection-unknown', 'key-not-parked'] })
  async skip(
    @Param('projection') projection: string,
    @Context() context: CommandContext,
    @Body() body: SkipEventDto,
    @HttpReply() reply: FastifyReply,
  ): Promise<SkippedEventDto> {
    const changed = await this.readModels.skip(new SkipProjectionEvent(context, { projection, ...body }));
    return answer(reply, changed, { body: { projection, key: body.key, eventId: body.eventId } });
  }

  /** The process managers: parked instances, and, from the process that runs them, commands under way and timeouts. */
  @Get('processes')
  statusOfProcesses(): Promise<ProcessesDto> {
    return this.processes.status();
  }

  /** Lets a parked instance try again; `retried` is false when it is not parked, or is parked anew. */
  @Post('processes/retry')
  @Limited('changes')
  @HttpCode(200)
  @Problems('processes-away')
  async retryProcess(@Body() { stream }: ParkedInstanceDto): Promise<RetriedProcessDto> {
    return { stream, retried: await this.processes.retry(stream) };
  }

  /**
   * Lets instances react now to events that they never reacted to although they have come past them: what `history verify` names as
   * `lost`. With `dryRun` nothing is changed. Each is answered with its `outcome`: `lost` (dry run), `made-up`, `not-lost` (the instance
   * has reacted, or had nothing to do), `parked` (retry that first), `unknown`, or `failed` with the process's error. Safe to repeat.
   */
  @Post('processes/repair')
  @Limited('changes')
  @HttpCode(200)
  @Problems('processes-away')
  async repairProcesses(@Body() { lost, dryRun }: RepairProcessesDto): Promise<RepairedProcessesDto> {
    return { dryRun, items: await this.processes.repair(lost, dryRun) };
  }
}
