import { ApiProperty } from '@nestjs/swagger';

/** What a problem type means: its URI resolves to this. */
export class ProblemTypeDto {
  @ApiProperty({ type: String, format: 'uri-reference', example: '/problems/not-found' })
  type!: string;

  @ApiProperty({ type: String, example: 'not-found' })
  code!: string;

  @ApiProperty({ type: 'integer', description: 'The HTTP status that it comes with.' })
  status!: number;

  @ApiProperty({ type: String })
  title!: string;
}

export class ProblemTypesDto {
  @ApiProperty({ type: () => [ProblemTypeDto] })
  items!: readonly ProblemTypeDto[];
}
