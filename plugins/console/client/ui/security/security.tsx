import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../../texts.ts';
import { get } from '../api.ts';
import { formatAgo, formatDate } from '../format.ts';
import { Badge, Button, Card, Empty, ErrorBox, Facts, Loading, Notice } from '../parts.tsx';
import { useLoad } from '../use-load.ts';
import { AddAppDialog, AppCard, RemoveAppDialog } from './app.tsx';
import { AddDialog, CodesDialog, RemoveDialog, RenameDialog, RenewDialog, type Passkey } from './dialogs.tsx';
import { mayUsePasskeys } from './webauthn.ts';

interface Factors {
  enabled: boolean;
  app: boolean;
  passkeys: number;
  recoveryCodesLeft: number;
}

type Open =
  | { name: 'add' | 'renew' | 'add-app' | 'remove-app' }
  | { name: 'rename' | 'remove'; passkey: Passkey }
  | { name: 'codes'; codes: readonly string[] };

const words = texts.security;

const FEW_CODES = 3;

/** How somebody signs in: their passkeys, their app, and the codes for when those are lost. */
export function Security(): JSX.Element {
  const [open, setOpen] = useState<Open>();
  const { data, problem, reload } = useLoad(async (signal) => {
    const [passkeys, factors] = await Promise.all([get<Passkey[]>('/users/me/passkeys', {}, signal), get<Factors>('/users/me/second-factor', {}, signal)]);
    return { passkeys, factors };
  }, []);
  const close = (): void => {
    setOpen(undefined);
  };
  if (problem) return <ErrorBox message={problem.message} retry={reload} />;
  if (data === undefined) return <Loading rows={4} />;
  const { passkeys, factors } = data;
  return (
    <>
      <PasskeyCard passkeys={passkeys} onOpen={setOpen} />
      <AppCard
        isOn={factors.app}
        onAdd={() => {
          setOpen({ name: 'add-app' });
        }}
        onRemove={() => {
          setOpen({ name: 'remove-app' });
        }}
      />
      {factors.enabled && (
        <Card
          title={words.second}
          actions={
            <Button
              onClick={() => {
                setOpen({ name: 'renew' });
              }}
            >
              {words.renew}
            </Button>
          }
        >
          <p>{words.secondText}</p>
          <Facts facts={[[words.codesLeft, String(factors.recoveryCodesLeft)]]} />
          {factors.recoveryCodesLeft < FEW_CODES && <Notice tone="warn">{words.fewCodes}</Notice>}
        </Card>
      )}
      {open !== undefined && <OpenDialog open={open} isLast={!factors.app && passkeys.length === 1} reload={reload} onOpen={setOpen} onClose={close} />}
    </>
  );
}

function PasskeyCard({ passkeys, onOpen }: { passkeys: readonly Passkey[]; onOpen: (open: Open) => void }): JSX.Element {
  const isPossible = mayUsePasskeys();
  const add = (
    <Button
      kind="primary"
      icon="plus"
      onClick={() => {
        onOpen({ name: 'add' });
      }}
    >
      {words.add}
    </Button>
  );
  return (
    <Card title={words.passkeys} actions={isPossible && add}>
      <p>{words.lead}</p>
      {!isPossible && <Notice>{words.notHere}</Notice>}
      {passkeys.length === 0 && <Empty>{words.none}</Empty>}
      <ul class="plain passkeys">
        {passkeys.map((passkey) => (
          <li key={passkey.id}>
            <div>
              <strong>{passkey.name}</strong> {passkey.backedUp && <Badge>{words.backedUp}</Badge>}
              <p class="muted">
                {words.added(formatDate(passkey.createdAt))} {passkey.lastUsedAt === null ? words.neverUsed : words.used(formatAgo(passkey.lastUsedAt))}
              </p>
            </div>
            <div class="actions">
              <Button label={words.renameOne(passkey.name)} onClick={() => onOpen({ name: 'rename', passkey })}>
                {words.rename}
              </Button>
              <Button label={words.removeOne(passkey.name)} icon="trash" onClick={() => onOpen({ name: 'remove', passkey })}>
                {texts.common.remove}
              </Button>
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}

interface OpenDialogProps {
  open: Open;
  isLast: boolean;
  reload: () => Promise<void>;
  onOpen: (open: Open) => void;
  onClose: () => void;
}

function OpenDialog({ open, isLast, reload, onOpen, onClose }: OpenDialogProps): JSX.Element {
  const done = async (): Promise<void> => {
    onClose();
    await reload();
  };
  const showCodes = async (codes: readonly string[] | null): Promise<void> => {
    if (codes === null) onClose();
    else onOpen({ name: 'codes', codes });
    await reload();
  };
  switch (open.name) {
    case 'add':
      return <AddDialog onAdded={showCodes} onClose={onClose} />;
    case 'add-app':
      return <AddAppDialog onAdded={showCodes} onClose={onClose} />;
    case 'remove-app':
      return <RemoveAppDialog onDone={done} onClose={onClose} />;
    case 'renew':
      return <RenewDialog onRenewed={showCodes} onClose={onClose} />;
    case 'rename':
      return <RenameDialog passkey={open.passkey} onDone={done} onClose={onClose} />;
    case 'remove':
      return <RemoveDialog passkey={open.passkey} isLast={isLast} onDone={done} onClose={onClose} />;
    case 'codes':
      return <CodesDialog codes={open.codes} onClose={onClose} />;
  }
}
