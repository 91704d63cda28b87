import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { texts } from '../texts.ts';
import { sendForFile } from './api.ts';

/** A picture that only who is signed in may see; it is blurred until it is asked for when it may be a bad one. */
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
  return (
    <span class="picture">
      {source !== undefined && <img src={source} alt={isShown ? label : ''} class={isShown ? '' : 'veiled'} />}
      {!isShown && (
        <button
          type="button"
          class="button"
          onClick={() => {
            setShown(true);
          }}
        >
          {texts.panels.showPicture}
        </button>
      )}
    </span>
  );
}
