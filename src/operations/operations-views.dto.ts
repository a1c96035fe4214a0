import { ApiProperty } from '@nestjs/swagger';
import { MAKING_UP_OUTCOMES, type MakingUp } from '../kernel/processes/reactor';

/** A place in the log. */
export class PositionDto {
  /** @example "00000000000000000042" */
  commit!: string;

  /** @example "00000000000000000042" */
  prepare!: string;
}

export class ReadModelDto {
  /** @example "order-history" */
  projection!: string;
  version!: number;

  @ApiProperty({ type: () => PositionDto, nullable: true, description: 'So far it is stored; null: nothing is.' })
  position!: PositionDto | null;

  /** Whether it is served. */
  ready!: boolean;

  /** How many of its documents are parked. */
  parkedKeys!: number;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Why it is not ready, or what to look at; null: nothing.',
  })
  note!: string | null;
}

export class ReadModelsDto {
  @ApiProperty({ type: () => [ReadModelDto] })
  items!: readonly ReadModelDto[];
}

/** The event whose fold failed. */
export class ParkedEventDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;
  type!: string;
  stream!: string;
  revision!: number;

  /** Place in the log. @example "00000000000000001234/00000000000000001234" */
  position!: string;
}

export class ParkedDocumentDto {
  projection!: string;
  version!: number;
  key!: string;

  @ApiProperty({ type: () => ParkedEventDto })
  event!: ParkedEventDto;
  error!: string;

  /** Events that the document lacks: the one that failed, and those of its key after it. */
  missing!: number;

  /** An operator knows: the version may be served in spite of it. */
  acknowledged!: boolean;
}

export class ParkedDocumentsDto {
  @ApiProperty({ type: () => [ParkedDocumentDto] })
  items!: readonly ParkedDocumentDto[];
}

export class FailureDto {
  @ApiProperty({ format: 'uuid' })
  eventId!: string;

  /** Of the event. */
  type!: string;
  error!: string;
}

export class RetriedDocumentDto {
  key!: string;

  @ApiProperty({ type: () => FailureDto, nullable: true, description: 'Where it fails now; null: it is made.' })
  failure!: FailureDto | null;
}

export class AcknowledgedDocumentDto {
  key!: string;
}

export class SkippedEventDto {
  projection!: string;
  key!: string;

  @ApiProperty({ format: 'uuid' })
  eventId!: string;
}

/** How far the process managers have come. */
export class CheckpointDto {
  @ApiProperty({ format: 'uuid' })
  storeId!: string;

  @ApiProperty({ type: () => PositionDto })
  position!: PositionDto;

  @ApiProperty({ format: 'uuid', description: 'The last event that is covered.' })
  eventId!: string;

  @ApiProperty({ type: () => PositionDto })
  eventPosition!: PositionDto;

  /** Of what they keep beside it. */
  build?: string;
}

export class ParkedProcessDto {
  /** `<process>-<id>`. @example "checkout-018f2b6e-7a61-7c3d-8e4f-0123456789ab" */
  stream!: string;
  process!: string;
  id!: string;
  error!: string;

  @ApiProperty({ format: 'date-time' })
  since!: string;

  @ApiProperty({ type: [String], description: 'Places of the events that wait for it, in log order.' })
  waiting!: readonly string[];
}

export class RetriedCommandDto {
  stream!: string;

  /** Revision of the reaction, and the command's place in it. */
  place!: string;
  tries!: number;
  error!: string;
}

/** From the process that runs them, all of it; from another one, what that one has stored. */
export class ProcessesDto {
  /** Whether the process that answers is the one that runs them. */
  runsHere!: boolean;

  @ApiProperty({ type: () => CheckpointDto, nullable: true })
  checkpoint!: CheckpointDto | null;

  @ApiProperty({ type: () => [ParkedProcessDto] })
  parked!: readonly ParkedProcessDto[];

  /** Timeouts fire from the first moment on at which this is so. */
  caughtUp?: boolean;
  instancesInMemory?: number;
  commandsInFlight?: number;
  instancesWaiting?: number;

  @ApiProperty({ type: () => [RetriedCommandDto], required: false, description: 'Commands that got no answer yet.' })
  retried?: readonly RetriedCommandDto[];

  /** Instances whose first timeout is due within the hour. */
  timeouts?: number;

  /** Documents about instances that are not stored yet. */
  unstoredDocuments?: number;

  @ApiProperty({
    type: String,
    nullable: true,
    required: false,
    description: 'Why documents and checkpoint can’t be stored; null: they can.',
  })
  readModelsError?: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    required: false,
    description: 'Why timeouts could not fire, or not be read ahead; null: they could.',
  })
  timersError?: string | null;
}

export class RetriedProcessDto {
  stream!: string;
  retried!: boolean;
}

export class RepairedEventDto {
  /** `<process>-<id>`. */
  instance!: string;

  /** Stream of the event. */
  stream!: string;

  /** Its place in that stream, from 0. */
  revision!: number;

  @ApiProperty({ enum: MAKING_UP_OUTCOMES })
  outcome!: MakingUp['outcome'];

  /** Of a process that failed. */
  error?: string;
}

export class RepairedProcessesDto {
  dryRun!: boolean;

  @ApiProperty({ type: () => [RepairedEventDto] })
  items!: readonly RepairedEventDto[];
}
