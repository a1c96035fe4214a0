import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { problemTypes } from '../rejection';
import { Public } from './access';
import { problem, problemTypeOf, typeOf } from './problem';

/** What a problem type means: its URI resolves to this. */
interface ProblemDescription {
  readonly type: string;
  readonly code: string;
  readonly status: number;
  readonly title: string;
}

@ApiTags('problems')
@Public()
@Controller('problems')
export class ProblemsController {
  @Get()
  @ApiOperation({ summary: 'Every problem type that this API answers with.' })
  all(): { items: ProblemDescription[] } {
    const codes = [...problemTypes.keys()].sort();
    return { items: codes.map(describe) };
  }

  @Get(':code')
  @ApiOperation({ summary: 'What a problem type means.' })
  one(@Param('code') code: string): ProblemDescription {
    return describe(code);
  }
}

function describe(code: string): ProblemDescription {
  const type = problemTypeOf(code);
  if (!type) throw problem('not-found');
  return { type: typeOf(code), code, ...type };
}
