export * from './process';
export { processEvents } from './process.events';
export { ProcessRunner, type ProcessRunnerOptions, type ProcessStatus } from './process-runner';
export { type ParkedInstance } from './parked-instances';
export { type Execute, type RetriedCommand } from './dispatcher';
export { Scheduler, SystemScheduler } from './scheduler';
