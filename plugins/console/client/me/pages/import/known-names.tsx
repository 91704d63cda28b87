import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { send } from '../../../ui/api.ts';
import { Button, Card } from '../../../ui/parts.tsx';
import { ListTable } from '../../../ui/table.tsx';
import { toast } from '../../../ui/toasts.tsx';
import { texts } from '../../texts.ts';

interface KnownName {
  name: string;
  exerciseId: string | null;
  exerciseName: string | null;
}

const words = texts.imports;

/** What names in files mean, as the member has said. */
export function KnownNames({ version }: { version: number }): JSX.Element {
  const [forgotten, setForgotten] = useState(0);
  const forget = async (name: string): Promise<void> => {
    await send('DELETE', '/workouts/imports/names', { query: { name } });
    toast(words.forgotten(name));
    setForgotten(forgotten + 1);
  };
  return (
    <Card title={words.known}>
      <ListTable<KnownName>
        label={words.known}
        path="/workouts/imports/names"
        version={`${String(version)} ${String(forgotten)}`}
        keyOf={({ name }) => name}
        empty={words.knownEmpty}
        columns={[
          { title: words.name, cell: ({ name }) => name },
          { title: words.meaning, cell: ({ exerciseId, exerciseName }) => (exerciseId === null ? words.leftOut : (exerciseName ?? exerciseId)) },
          {
            title: words.forget,
            cell: ({ name }) => (
              <Button kind="quiet" label={words.forgetOne(name)} onClick={() => forget(name)}>
                {words.forget}
              </Button>
            ),
          },
        ]}
      />
    </Card>
  );
}
