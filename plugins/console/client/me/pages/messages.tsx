import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { get, send } from '../../ui/api.ts';
import { formatAgo } from '../../ui/format.ts';
import { useLive } from '../../ui/live.ts';
import { Badge, Button, Card, Empty, ErrorBox, Loading, TextInput } from '../../ui/parts.tsx';
import { Link, navigate } from '../../ui/router.tsx';
import { session } from '../../ui/session.ts';
import { report } from '../../ui/toasts.tsx';
import { useLoad } from '../../ui/use-load.ts';
import { Frame } from '../frame.tsx';
import { nameOf } from '../people.ts';
import { texts } from '../texts.ts';
import type { Conversation, Person } from '../types.ts';
import { usePages } from '../use-pages.ts';

/** Every conversation, the liveliest first. */
export default function MessagesPage(): JSX.Element {
  const { rows, isLoading, problem, more, reload } = usePages<Conversation>('/conversations');
  const me = session.value?.me.id ?? '';
  useLive(`user:${me}`, () => void reload());
  return (
    <Frame title={texts.messages.title}>
      <Starting />
      {problem && <ErrorBox message={problem.message} retry={reload} />}
      {isLoading && rows.length === 0 && <Loading rows={5} />}
      {!isLoading && rows.length === 0 && problem === undefined && <Empty>{texts.messages.empty}</Empty>}
      <ul class="plain workouts">
        {rows.map((conversation) => (
          <li key={conversation.id} class="card">
            <Link to={`/messages/${conversation.id}`}>
              <span class="workout-head">
                <strong>{nameOf(conversation, me)}</strong>
                {conversation.unread > 0 && <Badge tone="accent">{texts.messages.unread(conversation.unread)}</Badge>}
              </span>
              <span class="last-message">{conversation.lastMessage?.content ?? texts.messages.none}</span>
              {conversation.lastMessageAt !== null && <span class="muted">{formatAgo(conversation.lastMessageAt)}</span>}
            </Link>
          </li>
        ))}
      </ul>
      {more && (
        <div class="more">
          <Button onClick={more}>{texts.messages.olderConversations}</Button>
        </div>
      )}
    </Frame>
  );
}

const PAUSE_MS = 200;

function Starting(): JSX.Element {
  const [search, setSearch] = useState('');
  const wanted = search.trim();
  const { data } = useLoad(
    async (signal) => {
      if (wanted.length < 2) return [];
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      return signal.aborted ? [] : get<Person[]>('/users', { search: wanted, limit: 6 }, signal);
    },
    [wanted],
  );
  const start = async (person: Person): Promise<void> => {
    try {
      const { data: conversation } = await send<Conversation>('POST', '/conversations', { body: { type: 'direct', participantIds: [person.id] } });
      navigate(`/messages/${conversation.id}`);
    } catch (error) {
      report(error);
    }
  };
  const others = (wanted.length < 2 ? [] : data)?.filter(({ id }) => id !== session.value?.me.id);
  return (
    <Card title={texts.messages.start}>
      <div class="finder" role="search">
        <TextInput label={texts.messages.search} type="search" value={search} onInput={setSearch} autocomplete="off" />
        <ul class="plain found">
          {others?.map((person) => (
            <li key={person.id}>
              <button type="button" aria-label={texts.messages.open(person.displayName ?? person.username)} onClick={() => void start(person)}>
                <span>{person.displayName ?? person.username}</span>
                <span class="muted">{person.username}</span>
              </button>
            </li>
          ))}
        </ul>
      </div>
    </Card>
  );
}
