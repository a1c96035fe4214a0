import RequestQueue from 'kafkajs/src/network/requestQueue';

/** The release whose defect is mended here. */
export const PATCHED_VERSION = '2.2.4';

const set = RequestQueue.prototype.scheduleCheckPendingRequests;

/**
 * Mends kafkajs (tulios/kafkajs#1751): each connection sets a timer for a look at requests that wait, even when none does, and when
 * the timer ends sets the next, with a negative delay, which is one millisecond. An idle process then wakes up 900 times a second
 * for each connection. Nothing needs a timer while nothing waits: whatever begins to wait sets it.
 */
RequestQueue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
  if (this.pending.length > 0) set.call(this);
};
