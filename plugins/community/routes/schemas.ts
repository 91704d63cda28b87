import { Type, type Profile, type TSchema } from 'musclemap';

export const Nullable = <Schema extends TSchema>(
  schema: Schema,
  options: { description?: string } = {},
): Type.TUnion<[Schema, Type.TNull]> => Type.Union([schema, Type.Null()], options);

/** Somebody, as others see them. */
export const PublicUser = Type.Object({
  id: Type.String(),
  username: Type.String(),
  displayName: Nullable(Type.String()),
  avatarUrl: Nullable(Type.String()),
});

export function publicUser(profile: Profile | undefined): { id: string; username: string; displayName: string | null; avatarUrl: string | null } | null {
  if (profile === undefined) return null;
  const { id, username, displayName, avatarUrl } = profile;
  return { id, username, displayName, avatarUrl };
}

/** The web address of a picture. */
export const PictureUrl = Type.String({ format: 'uri', pattern: '^https?://', maxLength: 500 });
