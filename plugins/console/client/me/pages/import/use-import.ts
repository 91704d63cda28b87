import { useEffect, useRef, useState } from 'preact/hooks';
import { asProblem } from '../../../ui/api.ts';
import { formatNumber } from '../../../ui/format.ts';
import { toast } from '../../../ui/toasts.tsx';
import { texts } from '../../texts.ts';
import { proposeMapping, type FoundColumns, type Mapping } from './columns.ts';
import { columnsOf, findMappings, followImport, sendHistory, type Import, type Reading } from './imports.ts';

/** A file of an app that is not known: what its columns are, as far as it has been said. */
interface Unknown {
  found: FoundColumns;
  mapping: Mapping;
  isKnown: boolean;
}

interface ImportState {
  hasFile: boolean;
  reading: Reading;
  unknown: Unknown | undefined;
  /** What came of looking or bringing, as far as it is. */
  current: Import | undefined;
  /** Why the file is not taken. */
  refusal: string | undefined;
  /** Another one each time that the lists of what was imported may have changed. */
  version: number;
  choose: (file: File | undefined) => void;
  read: (change: Partial<Reading>) => void;
  map: (mapping: Mapping) => void;
  bring: (dryRun: boolean) => Promise<void>;
}

/** One file on its way in. What is chosen anew begins anew. */
export function useImport(): ImportState {
  const [file, setFile] = useState<File>();
  const [reading, setReading] = useState<Reading>({ unit: 'kg', dateOrder: '', isPublic: true });
  const [unknown, setUnknown] = useState<Unknown>();
  const [current, setCurrent] = useState<Import>();
  const [refusal, setRefusal] = useState<string>();
  const [version, setVersion] = useState(0);
  const following = useRef<AbortController>(undefined);
  useEffect(() => () => following.current?.abort(), []);
  const startOver = (): AbortController => {
    following.current?.abort();
    setCurrent(undefined);
    setRefusal(undefined);
    return (following.current = new AbortController());
  };
  const carryOut = async (of: File, dryRun: boolean, { signal }: AbortController): Promise<void> => {
    const begun = await sendHistory(of, { reading, mapping: unknown?.mapping, dryRun });
    setVersion((before) => before + 1);
    await followImport(begun, signal, (now) => {
      setCurrent(now);
      if (now.state === 'done' && !dryRun) toast(texts.imports.done(formatNumber(now.workouts)));
    });
    setVersion((before) => before + 1);
  };
  const refuse = async (error: unknown, { signal }: AbortController): Promise<void> => {
    const found = columnsOf(error);
    const columns = found && (await nameColumns(found, reading));
    if (signal.aborted) return;
    if (columns === undefined) setRefusal(asProblem(error).message);
    else setUnknown(columns);
  };
  return {
    ...{ hasFile: file !== undefined, reading, unknown, current, refusal, version },
    choose: (chosen) => {
      startOver();
      setUnknown(undefined);
      setFile(chosen);
    },
    read: (change) => {
      startOver();
      setReading({ ...reading, ...change });
    },
    map: (mapping) => {
      startOver();
      setUnknown(unknown && { ...unknown, mapping });
    },
    bring: async (dryRun) => {
      if (file === undefined) return;
      const controller = startOver();
      await carryOut(file, dryRun, controller).catch((error: unknown) => refuse(error, controller));
    },
  };
}

/** Earlier files are asked for how they were mapped; where that fails there is still a guess. */
async function nameColumns(found: FoundColumns, { unit, dateOrder }: Reading): Promise<Unknown> {
  const { mapping, isKnown } = proposeMapping(found, await findMappings().catch(() => []));
  const said = { unit, distanceUnit: unit === 'lb' ? 'mi' : 'km' };
  return { found, mapping: { ...said, ...mapping, ...(!isKnown && dateOrder !== '' && { dateOrder }) }, isKnown };
}
