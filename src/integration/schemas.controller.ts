import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../kernel/http/access';
import { problem } from '../kernel/http/problem';
import type { JsonObject } from '../kernel/json';
import { publicContracts, schemaPathOf, SCHEMAS_PATH } from './contracts/public-contract';
import { schemaDocumentOf } from './contracts/schema-document';
import { SchemaListDto } from './schemas.dto';

const SCHEMA_TYPE = 'application/schema+json';
const ANY_OBJECT = { type: 'object' as const, additionalProperties: true };

const types = publicContracts.flatMap((contract) => [...contract.types.values()]);
const documents = new Map(types.map((publicType) => [`${publicType.type}.json`, schemaDocumentOf(publicType)]));

/** What `dataschema` of a public event leads to. */
@ApiTags('Integration')
@Public()
@Controller(SCHEMAS_PATH)
export class SchemasController {
  @Get()
  @ApiOperation({ summary: 'Every type of event that is published.' })
  @ApiOkResponse({ type: SchemaListDto })
  all(): SchemaListDto {
    return { items: types.map(({ type }) => ({ type, href: `/${schemaPathOf(type)}` })) };
  }

  @Get(':file')
  @Header('content-type', SCHEMA_TYPE)
  @ApiOperation({ summary: 'The JSON Schema of the data of a type of event: `<type>.json`.' })
  @ApiOkResponse({ description: 'JSON Schema 2020-12.', content: { [SCHEMA_TYPE]: { schema: ANY_OBJECT } } })
  one(@Param('file') file: string): JsonObject {
    const document = documents.get(file);
    if (!document) throw problem('not-found');
    return document;
  }
}
