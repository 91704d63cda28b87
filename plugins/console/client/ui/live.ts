import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { send } from './api.ts';

export interface LiveEvent {
  channel: string;
  event: string;
  data: unknown;
}

type Listener = (event: LiveEvent) => void;

/** Whether events arrive at the moment. */
export const isLive = signal(false);

const SOONEST_MS = 1_000;
const LATEST_MS = 30_000;

const listeners = new Map<string, Set<Listener>>();
let socket: WebSocket | undefined;
let isOpening = false;
let wait = SOONEST_MS;

/** Calls `listener` for what is published on a channel while the component is shown. */
export function useLive(channel: string, listener: Listener): void {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(
    () =>
      listen(channel, (event) => {
        latest.current(event);
      }),
    [channel],
  );
}

/** Listens to a channel until what is answered is called. */
export function listen(channel: string, listener: Listener): () => void {
  const known = listeners.get(channel);
  if (known === undefined) {
    listeners.set(channel, new Set([listener]));
    tell({ type: 'subscribe', channel });
  } else known.add(listener);
  void open();
  return () => {
    const left = listeners.get(channel);
    left?.delete(listener);
    if (left?.size !== 0) return;
    listeners.delete(channel);
    tell({ type: 'unsubscribe', channel });
    if (listeners.size === 0) socket?.close();
  };
}

/** Sends a message to the server when the socket is open; what is lost is lost. */
export function tell(message: object): void {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

async function open(): Promise<void> {
  if (isOpening || socket !== undefined || listeners.size === 0) return;
  isOpening = true;
  try {
    const { data } = await send<{ ticket: string }>('POST', '/realtime/ticket');
    const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
    connect(new WebSocket(`${scheme}//${location.host}/api/realtime?ticket=${encodeURIComponent(data.ticket)}`));
  } catch {
    again();
  } finally {
    isOpening = false;
  }
}

function connect(opened: WebSocket): void {
  socket = opened;
  opened.addEventListener('open', () => {
    wait = SOONEST_MS;
    isLive.value = true;
    for (const channel of listeners.keys()) tell({ type: 'subscribe', channel });
  });
  opened.addEventListener('message', ({ data }: MessageEvent<string>) => {
    const message = JSON.parse(data) as LiveEvent & { type: string };
    if (message.type !== 'event') return;
    for (const listener of listeners.get(message.channel) ?? []) listener(message);
  });
  opened.addEventListener('close', () => {
    socket = undefined;
    isLive.value = false;
    again();
  });
}

/** Tries again later, each time a little later. */
function again(): void {
  if (listeners.size === 0) return;
  setTimeout(() => void open(), wait);
  wait = Math.min(wait * 2, LATEST_MS);
}
