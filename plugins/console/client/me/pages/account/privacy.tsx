import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { get, send } from '../../../ui/api.ts';
import { formatDate } from '../../../ui/format.ts';
import { Card, ErrorBox, Loading, Select } from '../../../ui/parts.tsx';
import { report, toast } from '../../../ui/toasts.tsx';
import { useLoad } from '../../../ui/use-load.ts';
import { texts } from '../../texts.ts';

interface Settings {
  profile: 'public' | 'members' | 'private';
  onLeaderboard: boolean;
  inFeed: boolean;
  searchable: boolean;
  /** By what they are for, as `newsletter`. */
  consents: Record<string, { granted: boolean; at: string }>;
}

type Change = Partial<Omit<Settings, 'consents'>> & { consents?: Record<string, boolean> };

const words = texts.account;
const SWITCHES = ['onLeaderboard', 'inFeed', 'searchable'] as const;

/** What others see, and what the member agreed to: each choice counts the moment that it is made. */
export function Privacy(): JSX.Element {
  const { data, problem, reload } = useLoad((signal) => get<Settings>('/users/me/privacy', {}, signal), []);
  const [changed, setChanged] = useState<Settings>();
  const settings = changed ?? data;
  const change = async (body: Change): Promise<void> => {
    try {
      setChanged((await send<Settings>('PATCH', '/users/me/privacy', { body })).data);
      toast(words.saved);
    } catch (error) {
      report(error);
      await reload();
    }
  };
  return (
    <Card title={words.privacy}>
      {problem && <ErrorBox message={problem.message} retry={reload} />}
      {settings === undefined && problem === undefined && <Loading rows={4} />}
      {settings && (
        <div class="form">
          <Select label={words.profileOf} value={settings.profile} options={Object.entries(words.profiles)} onChange={(profile) => void change({ profile: profile as Settings['profile'] })} />
          {SWITCHES.map((name) => (
            <Check key={name} label={words[name]} isOn={settings[name]} onChange={(isOn) => change({ [name]: isOn })} />
          ))}
          {Object.keys(settings.consents).length > 0 && <h3>{words.consents}</h3>}
          {Object.entries(settings.consents).map(([purpose, { granted, at }]) => (
            <Check key={purpose} label={`${wordsOf(purpose)}, ${words.consentSince(formatDate(at))}`} isOn={granted} onChange={(isOn) => change({ consents: { [purpose]: isOn } })} />
          ))}
        </div>
      )}
    </Card>
  );
}

function Check({ label, isOn, onChange }: { label: string; isOn: boolean; onChange: (isOn: boolean) => Promise<void> }): JSX.Element {
  return (
    <label class="check">
      <input type="checkbox" checked={isOn} onChange={({ currentTarget }) => void onChange(currentTarget.checked)} />
      <span>{label}</span>
    </label>
  );
}

/** `news-letter` as `News letter`. */
function wordsOf(purpose: string): string {
  const spaced = purpose.replace(/[.-]/g, ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
