/** The words of the authenticator app. */
export const authenticator = {
  title: 'Authenticator app',
  lead: 'An app on your telephone shows a code that changes every half minute. Signing in then asks for it beside the password.',
  isOn: 'It is set up.',
  add: 'Set up an app',
  addText: 'Have an authenticator app ready, on your telephone or in your password manager.',
  open: 'Open it in the app on this device',
  type: 'Or add an account in your app by hand, with this key:',
  kind: 'The app may ask: it is time-based, with 6 digits.',
  code: 'Code',
  codeHint: 'The six digits that the app shows now.',
  confirm: 'Switch it on',
  isAdded: 'The app is set up: from now on signing in asks for its code.',
  remove: 'Remove the app',
  removeText: 'Signing in will not ask for its codes any more.',
  removeCode: 'Code of the app, or a recovery code',
  removed: 'The app is removed.',
};
