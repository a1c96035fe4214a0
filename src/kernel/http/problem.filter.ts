import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Rejected } from '../rejection';
import type { Metrics } from '../telemetry/metrics';
import { answerProblem } from './answer-problem';
import { problemTypeOf } from './problem';
import { problemOf } from './problem-of';
import { pathOf } from './services';

/** The one place where errors become answers: handlers, guards, pipes, body parsers, hooks and unknown routes end here. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http');
  /** Answers by the code of their problem: codes are declared, so there are only so many. */
  private readonly answered = new Map<string, number>();

  meter(metrics: Metrics): void {
    metrics.counter('http_problems_total', 'Requests that were answered with a problem document, by its code.', () =>
      Array.from(this.answered, ([code, value]) => ({ labels: { code }, value })),
    );
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const rejected = problemOf(error, request);
    this.answered.set(rejected.code, (this.answered.get(rejected.code) ?? 0) + 1);
    this.log(rejected.code, error, request);
    if (reply.raw.writableEnded) return;
    // Half of an answer is on its way: cutting it off is the only way left to say that it is not whole.
    if (reply.sent || reply.raw.headersSent) reply.raw.destroy();
    else answerProblem(request, reply, rejected);
  }

  /** What nobody decided to answer: defects, and servers that are away. A path, never a query: that may hold tokens. */
  private log(code: string, error: unknown, request: FastifyRequest): void {
    const where = `${request.method} ${pathOf(request)} [trace ${request.id}]`;
    if (code === 'internal-error') {
      this.logger.error(`${where} failed`, error instanceof Error ? withCauses(error) : String(error));
    } else if (error instanceof Error && !(error instanceof Rejected) && (problemTypeOf(code)?.status ?? 500) >= 500) {
      this.logger.warn(`${where}: ${code}: ${error.message}`);
    }
  }
}

function withCauses(error: Error): string {
  const stack = error.stack ?? String(error);
  return error.cause instanceof Error ? `${stack}\nCaused by: ${withCauses(error.cause)}` : stack;
}
