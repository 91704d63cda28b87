import { Type, type Profile, type TSchema } from 'musclemap';

export const Nullable = <Schema extends TSchema>(schema: Schema): Type.TUnion<[Schema, Type.TNull]> => Type.Union([schema, Type.Null()]);

export const Moment = Type.String({ format: 'date-time' });
const ContentType = Type.Enum(['text', 'image', 'file', 'system']);

const Participant = Type.Object({
  userId: Type.String(),
  username: Type.String(),
  displayName: Nullable(Type.String()),
  avatarUrl: Nullable(Type.String()),
  role: Type.Enum(['member', 'owner']),
  joinedAt: Type.String(),
  lastReadAt: Nullable(Type.String()),
});

export const Conversation = Type.Object({
  id: Type.String(),
  type: Type.Enum(['direct', 'group']),
  name: Nullable(Type.String()),
  createdBy: Type.String(),
  lastMessageAt: Nullable(Moment),
  createdAt: Moment,
  muted: Type.Boolean(),
  myRole: Type.Enum(['member', 'owner']),
  unread: Type.Integer({ description: 'Messages of others since the caller has read last' }),
  participants: Type.Array(Participant),
  lastMessage: Nullable(
    Type.Object({
      id: Type.String(),
      senderId: Type.String(),
      content: Nullable(Type.String()),
      contentType: ContentType,
      createdAt: Type.String(),
    }),
  ),
});

const ModerationStatus = Type.Enum(['pending', 'approved', 'rejected']);
const Pixels = Nullable(Type.Integer({ description: 'Of a picture' }));

const Attachment = Type.Object({
  id: Type.String(),
  fileName: Type.String({ description: 'Safe to save it under' }),
  fileType: Type.String({ description: 'Its media type, by its content' }),
  fileSize: Type.Integer(),
  status: ModerationStatus,
  hasThumbnail: Type.Boolean(),
  width: Pixels,
  height: Pixels,
  frames: Pixels,
});

const PublicUser = Type.Object({ id: Type.String(), username: Type.String(), displayName: Nullable(Type.String()), avatarUrl: Nullable(Type.String()) });

export const ModeratedFile = Type.Object({
  id: Type.String(),
  senderId: Type.String(),
  sender: Nullable(PublicUser),
  picture: Nullable(Type.String({ description: 'Where a picture is to be seen' })),
  fileName: Type.String(),
  fileType: Type.String(),
  fileSize: Type.Integer(),
  status: ModerationStatus,
  result: Nullable(Type.String({ description: 'What was found; null before anybody has looked' })),
  scores: Nullable(Type.Record(Type.String(), Type.Number())),
  moderatedAt: Nullable(Moment),
  createdAt: Moment,
  isGone: Type.Boolean({ description: 'Rejected for good: there is no file any more' }),
});

export const Message = Type.Object({
  id: Type.String(),
  conversationId: Type.String(),
  senderId: Type.String(),
  content: Nullable(Type.String({ description: 'Null once it is deleted, and for attachments without a word' })),
  contentType: ContentType,
  replyToId: Nullable(Type.String()),
  editedAt: Nullable(Moment),
  deletedAt: Nullable(Moment),
  createdAt: Moment,
  attachments: Type.Array(Attachment),
});

export const Content = Type.String({ minLength: 1, maxLength: 4000, pattern: '\\S' });
export const Name = Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' });
export const UserIds = Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { minItems: 1, maxItems: 500, uniqueItems: true });

/** Who takes part, with what their profile says. */
export function describeParticipant(
  participant: { userId: string; role: string; joinedAt: string; lastReadAt: string | null },
  profile: Profile | undefined,
): object {
  const { username = 'deleted', displayName = null, avatarUrl = null } = profile ?? {};
  return { ...participant, username, displayName, avatarUrl };
}
