import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString } from 'class-validator';
import { ACTOR_KINDS } from '../../kernel/events';
import { QueryText } from '../../kernel/http/query.decorators';
import { Characters } from '../../kernel/http/text.decorators';
import { GRAPH_FORMATS, type GraphFormat } from '../graph/formats';

const ANYTHING = {
  oneOf: [
    { type: 'string' },
    { type: 'number' },
    { type: 'boolean' },
    { type: 'null' },
    { type: 'array', items: {} },
    { type: 'object', additionalProperties: true },
  ],
};

export class ActorDto {
  @ApiProperty({ enum: ACTOR_KINDS })
  kind!: string;

  /** Left out where it is somebody else’s and not yours to know. */
  id?: string;
}

/** One step from the state before to the state after, each made on what those before it have left (as in RFC 6902). */
export class DifferenceDto {
  @ApiProperty({ enum: ['add', 'remove', 'replace'] })
  op!: string;

  /** JSON Pointer (RFC 6901); empty: the whole. */
  @ApiProperty({ example: '/lines/0/quantity' })
  path!: string;

  @ApiPropertyOptional({ ...ANYTHING, description: 'What was there.' })
  before?: unknown;

  @ApiPropertyOptional({ ...ANYTHING, description: 'What is there then.' })
  after?: unknown;
}

export class ChangeDto {
  /** Place in the log, which `asOf` takes. */
  @ApiProperty({ example: '00000000000000001234/00000000000000001234' })
  position!: string;

  /** Type of the event. */
  @ApiProperty({ example: 'ItemAddedToCart' })
  type!: string;

  @ApiProperty({ format: 'date-time', description: 'When it was stored.' })
  recordedAt!: string;

  @ApiProperty({ format: 'date-time', description: 'When it happened in the shop.' })
  occurredAt!: string;

  @ApiProperty({ type: () => ActorDto })
  actor!: ActorDto;

  @ApiProperty({ type: () => [DifferenceDto] })
  changes!: readonly DifferenceDto[];
}

export class ChangesDto {
  @ApiProperty({ type: () => [ChangeDto], description: 'The newest first.' })
  items!: readonly ChangeDto[];

  @ApiProperty({ type: String, nullable: true })
  next!: string | null;

  @ApiProperty({ type: String, nullable: true })
  prev!: string | null;
}

export class AsOfDto {
  /** As it was asked for. */
  asked!: string;

  @ApiProperty({ type: String, nullable: true, description: 'Place in the log; null: the event store can’t tell.' })
  position!: string | null;

  @ApiProperty({ type: 'integer', nullable: true, description: 'Of the newest event of then; null: there was none.' })
  revision!: number | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  recordedAt!: string | null;
}

class StreamDto {
  @ApiProperty({ example: 'order-018f2b6e-7a61-7c3d-8e4f-0123456789ab' })
  stream!: string;

  @ApiProperty({ example: 'order' })
  aggregate!: string;

  /** What people call it, if it is an order. */
  orderNumber?: string;
}

export class StreamStateDto extends StreamDto {
  @ApiProperty({ type: () => AsOfDto })
  asOf!: AsOfDto;

  @ApiProperty({ ...ANYTHING, description: 'null: it did not exist yet. Sealed values are pseudonyms.' })
  state!: unknown;
}

export class StreamDifferencesDto extends StreamDto {
  @ApiProperty({ type: () => AsOfDto })
  from!: AsOfDto;

  @ApiProperty({ type: () => AsOfDto })
  to!: AsOfDto;

  @ApiProperty({ type: () => [DifferenceDto] })
  differences!: readonly DifferenceDto[];
}

export class EventReferenceDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;
  type!: string;
  stream!: string;
  revision!: number;
}

/** Why an event was stored. */
export class CauseDto {
  @ApiProperty({ format: 'uuid' })
  commandId!: string;

  @ApiProperty({ type: String, nullable: true, description: 'Name of the command, where a process issued it.' })
  command!: string | null;

  @ApiProperty({ type: () => EventReferenceDto, nullable: true, description: 'The reaction of a process behind it.' })
  reaction!: EventReferenceDto | null;

  @ApiProperty({ type: () => EventReferenceDto, nullable: true, description: 'What the process reacted to.' })
  event!: EventReferenceDto | null;

  @ApiProperty({ type: String, nullable: true, description: 'The timeout that the process reacted to.' })
  timeout!: string | null;
}

export class StepDto extends ChangeDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;
  stream!: string;
  revision!: number;

  @ApiProperty({ format: 'uuid' })
  correlationId!: string;

  @ApiProperty({ type: () => CauseDto })
  cause!: CauseDto;
}

export class StepsDto {
  @ApiProperty({ type: () => [StepDto], description: 'The newest first.' })
  items!: readonly StepDto[];

  @ApiProperty({ type: String, nullable: true })
  next!: string | null;

  @ApiProperty({ type: String, nullable: true })
  prev!: string | null;
}

const NODE_KINDS = ['command', 'event', 'reaction'] as const;

/** A command, an event or a reaction of a process; `kind` says which, and so what else there is. */
export class GraphNodeDto {
  @ApiProperty({ enum: NODE_KINDS })
  kind!: (typeof NODE_KINDS)[number];

  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ type: () => ActorDto })
  actor!: ActorDto;

  @ApiPropertyOptional({ type: String, nullable: true, description: 'Of a command; null: it is not stored by name.' })
  name?: string | null;

  @ApiPropertyOptional({ enum: ['done', 'rejected', 'skipped', 'waiting'], description: 'Of a command.' })
  outcome?: string;

  @ApiPropertyOptional({ type: String, description: 'Why a command was rejected.' })
  code?: string;

  @ApiPropertyOptional({ type: String, description: 'To what kind of thing a process reacted.' })
  to?: string;

  @ApiPropertyOptional({ type: String, description: 'The timeout that a process reacted to.' })
  timeout?: string;

  @ApiPropertyOptional({ type: String, description: 'Of an event or reaction, as everything that follows.' })
  type?: string;
  stream?: string;
  revision?: number;

  @ApiPropertyOptional({ type: String, example: '00000000000000001234/00000000000000001234' })
  position?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time' })
  recordedAt?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time' })
  occurredAt?: string;

  @ApiPropertyOptional({ type: String, format: 'uuid' })
  correlationId?: string;
}

/** `from` brought `to` about. */
export class GraphEdgeDto {
  from!: string;
  to!: string;
}

export class GraphDto {
  @ApiProperty({ type: String, nullable: true, description: 'How far the log had come; null: it was empty.' })
  position!: string | null;

  @ApiProperty({ type: [String] })
  correlationIds!: readonly string[];

  @ApiProperty({ type: () => [GraphNodeDto] })
  nodes!: readonly GraphNodeDto[];

  @ApiProperty({ type: () => [GraphEdgeDto] })
  edges!: readonly GraphEdgeDto[];
}

const LONGEST_INSTANT = 100;

export class DifferencesQuery {
  /** A time (ISO 8601), a position of the log, `revision:N`, or `now`. */
  @ApiProperty({ type: String, maxLength: LONGEST_INSTANT, example: 'revision:0' })
  @IsString()
  @Characters({ max: LONGEST_INSTANT })
  from!: string;

  @ApiProperty({ type: String, maxLength: LONGEST_INSTANT, example: 'now' })
  @IsString()
  @Characters({ max: LONGEST_INSTANT })
  to!: string;
}

export class GraphQuery {
  /** A stream that has a part in it: from there the graph is followed. Without it the whole log is read. */
  @QueryText({ max: 100 })
  stream?: string;

  @ApiPropertyOptional({ enum: GRAPH_FORMATS, default: 'json' })
  @IsOptional()
  @IsIn(GRAPH_FORMATS)
  format: GraphFormat = 'json';
}
