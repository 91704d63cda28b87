import type { JSX } from 'preact';
import { get, send } from '../../../ui/api.ts';
import { confirm } from '../../../ui/dialog.tsx';
import { formatAgo, formatDate } from '../../../ui/format.ts';
import { Badge, Button, Card, ErrorBox, Loading } from '../../../ui/parts.tsx';
import { deviceOf } from '../../../ui/security/webauthn.ts';
import { toast } from '../../../ui/toasts.tsx';
import { useLoad } from '../../../ui/use-load.ts';
import { texts } from '../../texts.ts';

interface Session {
  id: string;
  /** What the browser or the app calls itself. */
  device: string | null;
  ip: string | null;
  createdAt: string;
  lastUsedAt: string;
  current: boolean;
}

const words = texts.account;

/** Where somebody is signed in, and the way to end it there. */
export function Devices(): JSX.Element {
  const { data, problem, reload } = useLoad((signal) => get<Session[]>('/users/me/sessions', {}, signal), []);
  const endOthers = async (): Promise<void> => {
    if (!(await confirm({ title: words.endOthers, text: words.endOthersText, confirm: words.endOthers, isDangerous: true }))) return;
    await send('DELETE', '/users/me/sessions');
    toast(words.endedOthers);
    await reload();
  };
  const hasOthers = data !== undefined && data.some(({ current }) => !current);
  return (
    <Card title={words.devices} actions={hasOthers && <Button onClick={endOthers}>{words.endOthers}</Button>}>
      {problem && <ErrorBox message={problem.message} retry={reload} />}
      {data === undefined && problem === undefined && <Loading />}
      <ul class="plain rows devices">
        {data?.map((session) => (
          <Row key={session.id} session={session} onEnded={reload} />
        ))}
      </ul>
    </Card>
  );
}

function Row({ session: { id, device, ip, createdAt, lastUsedAt, current }, onEnded }: { session: Session; onEnded: () => Promise<void> }): JSX.Element {
  const name = nameOf(device);
  const end = async (): Promise<void> => {
    await send('DELETE', `/users/me/sessions/${id}`);
    toast(words.ended(name));
    await onEnded();
  };
  return (
    <li>
      <strong>{name}</strong>
      {current ? (
        <Badge tone="accent">{words.thisDevice}</Badge>
      ) : (
        <Button kind="quiet" label={words.endOne(name)} onClick={end}>
          {words.end}
        </Button>
      )}
      <p class="muted">{[words.lastUsed(formatAgo(lastUsedAt)), words.since(formatDate(createdAt)), ...(ip === null ? [] : [words.from(ip)])].join(', ')}</p>
    </li>
  );
}

/** `Firefox on Linux`; of what is no browser, what it says of itself. */
function nameOf(agent: string | null): string {
  if (agent === null || agent === '') return words.unknownDevice;
  const browser = words.browsers.find(([word]) => agent.includes(word))?.[1];
  const device = deviceOf(agent);
  if (browser !== undefined && device !== undefined) return words.browserOn(browser, device);
  return browser ?? device ?? agent;
}
