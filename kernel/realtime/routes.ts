import Type from 'typebox';
import { ApiError, invalid } from '../http/errors.ts';
import { RawReply, type RouteRegistrar } from '../http/route.ts';
import type { ChannelRegistrar } from './channels.ts';
import type { Realtime } from './realtime.ts';
import { positionOf } from './socket.ts';
import { TICKET_SECONDS } from './tickets.ts';

/** GET /realtime (a WebSocket), POST /realtime/ticket, GET /realtime/events (server-sent events). */
export function registerRealtimeRoutes(routes: RouteRegistrar, realtime: () => Realtime): void {
  routes.get(
    '/realtime',
    {
      summary: 'Upgrades to a WebSocket; with ?ticket= from a browser, with an Authorization header from elsewhere',
      auth: 'none',
      query: Type.Object({ ticket: Type.Optional(Type.String({ maxLength: 100 })) }),
      response: Type.Null(),
    },
    () => {
      throw invalid('/headers/upgrade', 'must be websocket');
    },
  );
  routes.post(
    '/realtime/ticket',
    {
      summary: 'A ticket that opens one socket',
      status: 201,
      response: Type.Object({ ticket: Type.String(), expiresIn: Type.Integer({ description: 'Seconds' }) }),
    },
    async ({ user }) => ({ ticket: await realtime().ticket(user), expiresIn: TICKET_SECONDS }),
  );
  routes.get(
    '/realtime/events',
    {
      summary: 'The events of a public channel as a stream (text/event-stream); goes on after Last-Event-ID',
      auth: 'optional',
      query: Type.Object({ channel: Type.String({ pattern: '^[\\w:.-]{1,200}$' }) }),
      errors: ['NOT_FOUND', 'FORBIDDEN', 'UNAUTHORIZED'],
    },
    async ({ user, query, headers }) => {
      if (!realtime().isPublic(query.channel)) {
        throw new ApiError('NOT_FOUND', `No public channel is named ${query.channel}; open a socket for the others.`);
      }
      const stream = await realtime().stream(user, query.channel, positionOf(headers['last-event-id']));
      return new RawReply(stream.body, 'text/event-stream', { headers: { 'X-Accel-Buffering': 'no' } });
    },
  );
}

/** The kernel's own channels: one for each person, and what moderators watch. */
export function registerKernelChannels(channels: ChannelRegistrar): void {
  channels.add('user:{id}', {
    summary: 'What concerns one person, on all their devices',
    authorize: ({ user, params }) => user?.id === params.id,
  });
  channels.add('monitor', {
    summary: 'What the server does, for moderators',
    authorize: ({ user }) => user?.roles.some((role) => role === 'moderator' || role === 'admin') ?? false,
  });
}
