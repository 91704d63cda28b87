import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, newKey, send } from '../../ui/api.ts';
import { confirm } from '../../ui/dialog.tsx';
import { formatTime } from '../../ui/format.ts';
import { useLive } from '../../ui/live.ts';
import { Button, Empty, ErrorBox, Loading } from '../../ui/parts.tsx';
import { Picture } from '../../ui/picture.tsx';
import { Link, type PageProps } from '../../ui/router.tsx';
import { session } from '../../ui/session.ts';
import { useLoad } from '../../ui/use-load.ts';
import { Frame } from '../frame.tsx';
import { nameOf } from '../people.ts';
import { texts } from '../texts.ts';
import type { Attachment, Conversation, Message } from '../types.ts';
import { usePages } from '../use-pages.ts';

/** What is said in a conversation, as it is said. */
export default function ConversationPage({ params }: PageProps): JSX.Element {
  const id = params.id ?? '';
  const me = session.value?.me.id ?? '';
  const { data: conversation } = useLoad((signal) => get<Conversation>(`/conversations/${id}`, {}, signal), [id]);
  const { rows, isLoading, problem, more, reload } = usePages<Message>(`/conversations/${id}/messages`);
  const end = useRef<HTMLDivElement>(null);
  const newest = rows[0]?.id;
  useLive(`conversation:${id}`, ({ event }) => {
    if (event.startsWith('message.') || event.startsWith('attachment.')) void reload();
  });
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'end' });
    if (newest !== undefined) void send('POST', `/conversations/${id}/read`, { body: {} }).catch(() => undefined);
  }, [newest]);
  const names = new Map(conversation?.participants.map(({ userId, displayName, username }) => [userId, displayName ?? username]));
  return (
    <Frame title={conversation ? nameOf(conversation, me) : texts.messages.title} back={<Link to="/messages" class="back">{texts.messages.title}</Link>}>
      {problem && <ErrorBox message={problem.message} retry={reload} />}
      {isLoading && rows.length === 0 && <Loading rows={5} />}
      {!isLoading && rows.length === 0 && problem === undefined && <Empty>{texts.messages.none}</Empty>}
      {more && (
        <div class="more">
          <Button onClick={more}>{texts.messages.older}</Button>
        </div>
      )}
      <div role="log" aria-label={texts.messages.log}>
        <ol class="plain talk">
          {[...rows].reverse().map((message) => (
            <li key={message.id} class={message.senderId === me ? 'mine' : ''}>
              <span class="said-by">
                {message.senderId === me ? texts.messages.you : names.get(message.senderId)} · {formatTime(message.createdAt)}
              </span>
              {message.senderId === me && message.deletedAt === null && <Deletion id={message.id} onDeleted={reload} />}
              {(message.content !== null || message.deletedAt !== null) && <p>{message.content ?? <em>{texts.messages.deleted}</em>}</p>}
              {message.attachments?.map((attachment) => (
                <Attached key={attachment.id} attachment={attachment} />
              ))}
            </li>
          ))}
        </ol>
      </div>
      <Writing id={id} onSent={reload} />
      <div ref={end} />
    </Frame>
  );
}

function Deletion({ id, onDeleted }: { id: string; onDeleted: () => Promise<void> }): JSX.Element {
  const { remove: title, removeText: text } = texts.messages;
  const remove = async (): Promise<void> => {
    if (!(await confirm({ title, text, confirm: title, isDangerous: true }))) return;
    await send('DELETE', `/messages/${id}`);
    await onDeleted();
  };
  return (
    <Button kind="quiet" icon="trash" label={title} onClick={remove}>
      {''}
    </Button>
  );
}

function Attached({ attachment: { id, fileName, status, hasThumbnail } }: { attachment: Attachment }): JSX.Element {
  if (status === 'pending') return <span class="muted">{texts.messages.waits(fileName)}</span>;
  if (status === 'rejected') return <span class="muted">{texts.messages.refused(fileName)}</span>;
  return hasThumbnail ? <Picture path={`/attachments/${id}/thumbnail`} label={texts.messages.picture(fileName)} /> : <span>{fileName}</span>;
}

const ACCEPTED = 'image/jpeg,image/png,image/webp,image/gif';

function Writing({ id, onSent }: { id: string; onSent: () => Promise<void> }): JSX.Element {
  const [text, setText] = useState('');
  const [key, setKey] = useState(newKey);
  const [files, setFiles] = useState<readonly File[]>([]);
  const chooser = useRef<HTMLInputElement>(null);
  const say = async (): Promise<void> => {
    const content = text.trim();
    if (content === '' && files.length === 0) return;
    await send('POST', `/conversations/${id}/messages`, { body: files.length === 0 ? { content } : toForm(content, files), key });
    setText('');
    setFiles([]);
    setKey(newKey());
    await onSent();
  };
  return (
    <form class="writing" onSubmit={(event) => { event.preventDefault(); }}>
      <textarea aria-label={texts.messages.write} rows={2} maxLength={4000} value={text} onInput={({ currentTarget }) => { setText(currentTarget.value); }} />
      <div class="writing-buttons">
        <input ref={chooser} type="file" hidden multiple accept={ACCEPTED} onChange={({ currentTarget }) => { setFiles([...(currentTarget.files ?? [])]); currentTarget.value = ''; }} />
        <Button kind="quiet" icon="upload" label={texts.messages.attach} onClick={() => chooser.current?.click()}>
          {''}
        </Button>
        <Button kind="primary" type="submit" onClick={say}>
          {texts.messages.send}
        </Button>
      </div>
      {files.length > 0 && <p class="muted">{texts.messages.attached(files.map(({ name }) => name).join(', '))}</p>}
    </form>
  );
}

function toForm(content: string, files: readonly File[]): FormData {
  const form = new FormData();
  if (content !== '') form.append('content', content);
  for (const file of files) form.append('files', file);
  return form;
}
