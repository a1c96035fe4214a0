import type { Metric } from '../kernel/telemetry/metric';

const STATES = ['waiting', 'building', 'running', 'draining'] as const;

/**
 * What a process of the shop is at: waiting for servers that can't be reached, building what it needs before it can serve, running, or
 * draining because it was asked to stop.
 */
export type ProcessState = (typeof STATES)[number];

export const processState: Metric<ProcessState> = {
  name: 'shop_process_state',
  help: 'What the process is at: 1 for its state, 0 for the others. Waiting: servers can not be reached; building: it does not serve yet.',
  type: 'gauge',
  values: (state) => STATES.map((each) => ({ labels: { state: each }, value: Number(each === state) })),
};

export const shopInfo = ({ version, role }: { version: string; role: string }): Metric<unknown> => ({
  name: 'shop_info',
  help: 'Which release of the shop this is, and in which role; always 1.',
  type: 'gauge',
  values: () => [{ labels: { version, role }, value: 1 }],
});
