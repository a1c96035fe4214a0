import { problemTypeOf, typeOf } from '../../kernel/http/problem';
import type { Manifest } from '../export/manifest';
import { expiryOf, type JobProblem, type JobStatus } from './export-job';
import type { ExportDto, ExportSummaryDto } from './exports.dto';

/** Path of an export. */
export const pathOf = (jobId: string): string => `/api/history/exports/${jobId}`;

export function summaryView(status: JobStatus): ExportSummaryDto {
  const { job, state, events, of, asOf, endedAt, problem } = status;
  const { jobId, format, selection, perDay, requestedBy, requestedAt } = job;
  return {
    jobId,
    state,
    format,
    ...selection,
    perDay,
    requestedBy,
    requestedAt,
    progress: { events, of },
    asOf,
    endedAt,
    expiresAt: expiryOf(status),
    problem: problem && problemView(problem),
  };
}

/** `manifest`: null unless it is done. */
export const exportView = (status: JobStatus, manifest: Manifest | null): ExportDto => ({
  ...summaryView(status),
  manifest,
  files: status.files.map((file) => ({ ...file, href: `${pathOf(status.job.jobId)}/files/${file.name}` })),
});

const problemView = ({ code, detail }: JobProblem): object => ({
  type: typeOf(code),
  ...problemTypeOf(code),
  code,
  detail,
});
