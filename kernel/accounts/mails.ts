import type { MailTemplate } from '../mail/template.ts';

/** Every mail that the kernel sends. A token stands behind the # of its link, where no server and no log sees it. */
export const MAILS = {
  confirmEmail: {
    subject: 'Please confirm your e-mail address',
    paragraphs: [
      'Hello {username}, this address was given for an account at MuscleMap. Please confirm that it is yours.',
      'The link is good for three days. If it was not you, there is nothing to do.',
    ],
    action: { label: 'Confirm the address', path: '/account/confirm-email#{token}' },
  },
  invitation: {
    subject: 'Your account at MuscleMap',
    paragraphs: [
      'Hello {username}, your gym has made an account for you. Choose a password, and you can sign in with this address.',
      'The link is good for two weeks and works once. After that, ask for a new password where you sign in.',
    ],
    action: { label: 'Choose a password', path: '/account/reset-password#{token}' },
  },
  resetPassword: {
    subject: 'A new password for MuscleMap',
    paragraphs: [
      'Hello {username}, somebody asked for a new password for your account.',
      'The link is good for 30 minutes and works once. If it was not you, there is nothing to do: your password stays as it is.',
    ],
    action: { label: 'Choose a new password', path: '/account/reset-password#{token}' },
  },
  passwordChanged: {
    subject: 'Your password was changed',
    paragraphs: [
      'Hello {username}, the password of your account has just been changed, and other devices were signed out.',
      'If it was not you, ask for a new password at once.',
    ],
  },
  emailChanged: {
    subject: 'The e-mail address of your account was changed',
    paragraphs: [
      'Hello {username}, your account now uses another e-mail address. This one is no longer written to.',
      'If it was not you, take it back within seven days: the address becomes this one again and every device is signed out.',
    ],
    action: { label: 'It was not me', path: '/account/undo-email#{token}' },
  },
  newDevice: {
    subject: 'A new device signed in',
    paragraphs: [
      'Hello {username}, your account was signed in to from a device that it has not been used on: {device} ({ip}), {time}.',
      'If it was not you, change your password; that signs out every other device.',
    ],
  },
  secondFactorChanged: {
    subject: 'The second step of signing in was changed',
    paragraphs: ['Hello {username}, the authenticator app as the second step of signing in to your account is now {state}.', 'If it was not you, change your password at once.'],
  },
  passkeyAdded: {
    subject: 'A passkey was added to your account',
    paragraphs: [
      'Hello {username}, the passkey "{name}" was added to your account: whoever holds it can sign in with it.',
      'If it was not you, take it away within seven days: every device is signed out, and the recovery codes count no more. Then ask for a new password where you sign in.',
    ],
    action: { label: 'It was not me', path: '/account/undo-passkey#{token}' },
  },
  passkeyRemoved: {
    subject: 'A passkey was removed from your account',
    paragraphs: [
      'Hello {username}, the passkey "{name}" was removed from your account, and nobody can sign in with it any more.',
      'If it was not you, change your password at once.',
    ],
  },
  passkeyCopied: {
    subject: 'A passkey of your account may have been copied',
    paragraphs: [
      'Hello {username}, somebody tried to sign in with the passkey "{name}" and was refused: it seems to have been used elsewhere since ({ip}, {time}).',
      'Remove it from your account and add a new one.',
    ],
  },
  erasureAnnounced: {
    subject: 'Your account will be erased',
    paragraphs: [
      'Hello {username}, as you asked, your account and what it holds will be erased on {date}.',
      'If you change your mind, sign in before that day: this keeps the account.',
    ],
  },
} as const satisfies Record<string, MailTemplate>;
