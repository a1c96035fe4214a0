import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { problemTypes } from '../rejection';
import { Public } from './access';
import { problem, problemTypeOf, typeOf } from './problem';
import { ProblemTypeDto, ProblemTypesDto } from './problems.dto';

@ApiTags('problems')
@Public()
@Controller('problems')
export class ProblemsController {
  @Get()
  @ApiOperation({ summary: 'Every problem type that this API answers with.' })
  @ApiOkResponse({ type: ProblemTypesDto })
  all(): ProblemTypesDto {
    const codes = [...problemTypes.keys()].sort();
    return { items: codes.map(describe) };
  }

  @Get(':code')
  @ApiOperation({ summary: 'What a problem type means.' })
  @ApiOkResponse({ type: ProblemTypeDto })
  one(@Param('code') code: string): ProblemTypeDto {
    return describe(code);
  }
}

function describe(code: string): ProblemTypeDto {
  const type = problemTypeOf(code);
  if (!type) throw problem('not-found');
  return { type: typeOf(code), code, ...type };
}
