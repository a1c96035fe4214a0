import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { BEARER, complete } from './openapi-document';

/** What the documentation calls itself. */
export interface DocsInfo {
  readonly title: string;
  /** Markdown. */
  readonly description: string;
  readonly version: string;
  /** Problem types by which whoever has no good token is refused, beside those of `access-problems.ts`. Each must be declared. */
  readonly refusals?: readonly string[];
}

export const DOCS_PATH = '/docs';

/** The OpenAPI 3.1 document of all routes, from the code. */
export function documentOf(app: INestApplication, info: DocsInfo, publicUrl: string): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle(info.title)
    .setDescription(info.description)
    .setVersion(info.version)
    .addServer(publicUrl)
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, BEARER)
    .build();
  return complete(SwaggerModule.createDocument(app, config), info.refusals);
}

/**
 * `GET /docs` for people and `GET /docs-json` for programs. The document is built when the first of them is asked for: most
 * processes never are, and it takes time and memory. Nothing is loaded from other sites.
 */
export function serveDocs(app: INestApplication, info: DocsInfo, publicUrl: string): void {
  SwaggerModule.setup(DOCS_PATH, app, () => documentOf(app, info, publicUrl), {
    raw: ['json'],
    jsonDocumentUrl: `${DOCS_PATH}-json`,
    customSiteTitle: info.title,
    swaggerOptions: { validatorUrl: null, persistAuthorization: true, displayRequestDuration: true },
  });
}
