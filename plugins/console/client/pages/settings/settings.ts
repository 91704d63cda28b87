import { texts } from '../../texts.ts';
import type { JsonSchema } from '../../ui/form/schema.ts';

/** What GET /admin/settings answers. */
export interface ServerSettings {
  gymName: string | null;
  stripe: { source: 'environment' | 'settings' | null; secretKey: string | null; webhookSecret: string | null };
  webhookUrl: string;
}

const words = texts.settings;

export const GYM: JsonSchema = {
  type: 'object',
  required: ['gymName'],
  properties: { gymName: { type: 'string', minLength: 1, maxLength: 80, title: words.gymName, description: words.gymNameHint } },
};

export const STRIPE: JsonSchema = {
  type: 'object',
  required: ['secretKey'],
  properties: {
    secretKey: { type: 'string', maxLength: 300, secret: true, title: words.secretKey, description: words.secretKeyHint },
    webhookSecret: { type: 'string', maxLength: 300, secret: true, title: words.webhookSecret, description: words.webhookSecretHint },
  },
};
