import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiParam, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Roles } from '../../kernel/http/access';
import { answerQuery } from '../../kernel/http/answer';
import { AsOf, setAsOf } from '../../kernel/http/as-of';
import { assertReached } from '../../kernel/http/consistency';
import { Problems, QueryDocs } from '../../kernel/http/docs.decorators';
import { PageQuery } from '../../kernel/http/paging.dto';
import { PathId } from '../../kernel/http/path-id';
import { HttpReply, HttpRequest, untilGone } from '../../kernel/http/request';
import type { Instant } from '../../kernel/instant';
import { graphText } from '../graph/formats';
import { changePage } from './change-list';
import { GraphReader } from './graph-reader';
import { DifferencesQuery, GraphDto, GraphQuery, StepsDto, StreamDifferencesDto, StreamStateDto } from './history.dto';
import { ANALYSING } from './readers';
import { StreamReader } from './stream-reader';

const MEDIA_TYPES = {
  json: 'application/json; charset=utf-8',
  mermaid: 'text/vnd.mermaid; charset=utf-8',
  dot: 'text/vnd.graphviz; charset=utf-8',
} as const;

const typeOnly = (format: keyof typeof MEDIA_TYPES) => MEDIA_TYPES[format].split(';')[0]!;

const GRAPH_CONTENT = {
  [typeOnly('json')]: { schema: { $ref: getSchemaPath(GraphDto) } },
  [typeOnly('mermaid')]: { schema: { type: 'string' as const } },
  [typeOnly('dot')]: { schema: { type: 'string' as const } },
};

const STREAM_EXAMPLE = 'order-018f2b6e-7a61-7c3d-8e4f-0123456789ab';

/** Any stream at any instant, for analysts. Personal data stays sealed: persons appear under their pseudonyms. */
@ApiTags('History')
@ApiExtraModels(GraphDto)
@Roles(...ANALYSING)
@Controller('api/history')
export class HistoryController {
  constructor(
    private readonly streams: StreamReader,
    private readonly graphs: GraphReader,
  ) {}

  /** What an aggregate or a process had come to. An order may be named by its number. */
  @Get('streams/:stream')
  @ApiParam({ name: 'stream', example: STREAM_EXAMPLE })
  @QueryDocs({ asOf: true, problems: ['stream-unknown'] })
  @ApiOkResponse({ type: StreamStateDto })
  async state(
    @Param('stream') name: string,
    @AsOf() asOf: Instant | null,
    @HttpRequest() request: FastifyRequest,
    @HttpReply() reply: FastifyReply,
  ): Promise<StreamStateDto> {
    await assertReached(request);
    const stream = await this.streams.nameOf(name);
    const { settled, then, view } = await this.streams.state(stream, asOf ?? { kind: 'now' });
    setAsOf(reply, settled, then.newest?.position ?? null);
    return answerQuery(request, reply, null, view);
  }

  /** Every event of it: what it changed, when, by whom and why. */
  @Get('streams/:stream/steps')
  @ApiParam({ name: 'stream', example: STREAM_EXAMPLE })
  @Problems('stream-unknown')
  @ApiOkResponse({ type: StepsDto })
  async steps(
    @Param('stream') name: string,
    @Query() query: PageQuery,
    @HttpRequest() request: FastifyRequest,
    @HttpReply() reply: FastifyReply,
  ): Promise<StepsDto> {
    const list = await this.streams.steps(await this.streams.nameOf(name));
    return changePage(request, reply, list, query);
  }

  /** How its state differs between two instants. */
  @Get('streams/:stream/differences')
  @ApiParam({ name: 'stream', example: STREAM_EXAMPLE })
  @Problems('stream-unknown', 'as-of-invalid')
  @ApiOkResponse({ type: StreamDifferencesDto })
  async differences(@Param('stream') name: string, @Query() query: DifferencesQuery): Promise<StreamDifferencesDto> {
    return this.streams.differences(await this.streams.nameOf(name), query);
  }

  /** What followed from a request: commands, events, and the reactions of processes. */
  @Get('graph/:correlationId')
  @Problems('correlation-unknown', 'stream-unknown')
  @ApiOkResponse({ content: GRAPH_CONTENT })
  async graph(
    @PathId('correlationId') correlationId: string,
    @Query() { stream, format }: GraphQuery,
    @HttpReply() reply: FastifyReply,
  ): Promise<string> {
    const from = stream === undefined ? undefined : await this.streams.nameOf(stream);
    const graph = await this.graphs.of(correlationId, from, untilGone(reply));
    reply.header('content-type', MEDIA_TYPES[format]);
    return graphText(graph, format);
  }
}
