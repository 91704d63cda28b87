/**
 * Which place the event loop is in right now: the index of a Place plus one, 0 in the kernel's own code. The watchdog reads it
 * from its thread when the loop does not answer.
 */
export const running = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
