import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsBoolean, IsString } from 'class-validator';
import Type from 'typebox';
import { OptionalMember, Text } from '../../kernel/http/decorators';
import { Of } from '../../kernel/http/of.decorator';
import { Characters } from '../../kernel/http/text.decorators';
import { allFormats } from '../export/formats/all-formats';
import { JOB_STATES } from './export-job';

const FORMATS = allFormats.map(({ name }) => name);
const MOST_NAMES = 100;
const LONGEST_NAME = 200;
const LONGEST_MOMENT = 100;

const Names = (example: readonly string[]) =>
  applyDecorators(
    ApiProperty({ type: 'array', items: { type: 'string', maxLength: LONGEST_NAME }, maxItems: MOST_NAMES, example }),
    IsString({ each: true }),
    Characters({ max: LONGEST_NAME }, { each: true }),
    ArrayMaxSize(MOST_NAMES),
    IsArray(),
  );

export class AskExportDto {
  @Of(Type.Enum(FORMATS))
  format!: string;

  /** Only these types of events. */
  @OptionalMember()
  @Names(['OrderPlaced'])
  types?: string[];

  /** Only these streams; the name of an aggregate (`order`) means all of its streams. */
  @OptionalMember()
  @Names(['order'])
  streams?: string[];

  /** Begins with the first event of this moment: a time, or a position. */
  @OptionalMember()
  @Text({ max: LONGEST_MOMENT, example: '2026-05-01' })
  from?: string;

  /** Ends with the last event of this moment. */
  @OptionalMember()
  @Text({ max: LONGEST_MOMENT, example: '2026-05-31T23:59:59.999Z' })
  to?: string;

  /** One file per day of UTC on which events were recorded. */
  @OptionalMember()
  @IsBoolean()
  perDay?: boolean;
}

export class ExportProgressDto {
  @ApiProperty({ type: 'integer', description: 'Events of the log that were looked at.' })
  events!: number;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'About how many there are; null: the store can’t tell.',
  })
  of!: number | null;
}

export class ExportPlaceDto {
  @ApiProperty({ example: '00000000000000001234/00000000000000001234' })
  position!: string;

  @ApiProperty({ format: 'date-time' })
  recordedAt!: string;
}

export class ExportFileDto {
  @ApiProperty({ example: 'events.parquet' })
  name!: string;

  @ApiProperty({ type: 'integer' })
  bytes!: number;

  /** Of the content, in hexadecimal digits. */
  sha256!: string;

  @ApiProperty({ format: 'uri-reference', description: 'Where it can be downloaded.' })
  href!: string;
}

/** An export, as the list of all of them has it. */
export class ExportSummaryDto {
  @ApiProperty({ format: 'uuid' })
  jobId!: string;

  @ApiProperty({ enum: JOB_STATES })
  state!: string;

  @ApiProperty({ enum: FORMATS })
  format!: string;

  @ApiProperty({ type: [String], description: 'Empty: all.' })
  types!: readonly string[];

  @ApiProperty({ type: [String], description: 'Empty: all.' })
  streams!: readonly string[];

  @ApiProperty({ type: String, nullable: true })
  from!: string | null;

  @ApiProperty({ type: String, nullable: true })
  to!: string | null;

  perDay!: boolean;

  @ApiProperty({ format: 'uuid', description: 'Account of who asked.' })
  requestedBy!: string;

  @ApiProperty({ format: 'date-time' })
  requestedAt!: string;

  @ApiProperty({ type: () => ExportProgressDto })
  progress!: ExportProgressDto;

  @ApiProperty({
    type: () => ExportPlaceDto,
    nullable: true,
    description: 'The last event that is looked at: what is later is not in it. null: not known yet.',
  })
  asOf!: ExportPlaceDto | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  endedAt!: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When it is removed with its files; null: it has not ended.',
  })
  expiresAt!: string | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    description: 'Why it failed: `type`, `title`, `status`, `code` and `detail`, as of any problem.',
  })
  problem!: object | null;
}

export class ExportDto extends ExportSummaryDto {
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    description: 'The content of manifest.json: counts, first and last position, hashes. null: it is not done.',
  })
  manifest!: object | null;

  @ApiProperty({ type: () => [ExportFileDto], description: 'Empty while it is not done.' })
  files!: readonly ExportFileDto[];
}

export class ExportsDto {
  @ApiProperty({ type: () => [ExportSummaryDto], description: 'The newest first.' })
  items!: readonly ExportSummaryDto[];
}
