import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { texts } from '../texts.ts';
import { sendForFile } from './api.ts';

/** A picture that only who is signed in may see; when it may be a bad one it is veiled until it is asked for, and can be veiled again. */
export function Picture({ path, label, isVeiled }: { path: string; label: string; isVeiled?: boolean }): JSX.Element {
  const [source, setSource] = useState<string>();
  const [isGone, setGone] = useState(false);
  const [isShown, setShown] = useState(isVeiled !== true);
  useEffect(() => {
    let url: string | undefined;
    let isLeft = false;
    sendForFile(path.replace(/^\/api/, '')).then(
      (file) => {
        if (isLeft) return;
        url = URL.createObjectURL(file);
        setSource(url);
      },
      () => {
        setGone(true);
      },
    );
    return () => {
      isLeft = true;
      if (url !== undefined) URL.revokeObjectURL(url);
    };
  }, [path]);
  if (isGone) return <span class="muted">{texts.panels.noPicture}</span>;
  const toggle = (): void => {
    setShown(!isShown);
  };
  return (
    <span class="picture" aria-busy={source === undefined}>
      {source !== undefined && <img src={source} alt={isShown ? label : ''} class={isShown ? '' : 'veiled'} />}
      {isVeiled === true && (
        <button type="button" class={`button ${isShown ? 'veil' : ''}`} onClick={toggle}>
          {isShown ? texts.panels.veilPicture : texts.panels.showPicture}
        </button>
      )}
    </span>
  );
}
