import type { JSX } from 'preact';
import { sendForFile } from '../../../ui/api.ts';
import { Button, Card } from '../../../ui/parts.tsx';
import { saveFile } from '../../../ui/save-file.ts';
import { features } from '../../features.ts';
import { texts } from '../../texts.ts';

const words = texts.account;

/** What is kept about the member, as files. */
export function OwnData(): JSX.Element {
  const fetchFile = async (path: string, nameOf: (day: string) => string): Promise<void> => {
    const content = await sendForFile(path);
    saveFile(nameOf(new Date().toISOString().slice(0, 10)), content);
  };
  return (
    <Card title={words.data}>
      <p>{words.dataText}</p>
      <div class="actions below">
        <Button onClick={() => fetchFile('/users/me/export', words.allFile)}>{words.getAll}</Button>
        {features.value?.has('fitness') === true && <Button onClick={() => fetchFile('/workouts/export?format=csv', words.workoutsFile)}>{words.getWorkouts}</Button>}
      </div>
    </Card>
  );
}
