import { pathToFileURL } from 'node:url';
import { currentExecution } from '../../telemetry/execution.ts';

/** A plugin and the folder that its code lies in. */
export interface PluginFolder {
  id: string;
  directory: string;
}

/** The plugin that a file, path or URL, belongs to. */
export function ownerOfFile(file: string, folders: Iterable<PluginFolder>): string | undefined {
  for (const { id, directory } of folders) {
    if (file.includes(`${directory}/`) || file.includes(`${pathToFileURL(directory).href}/`)) return id;
  }
  return undefined;
}

/** Whose fault an error is that nobody caught: that of the code it was thrown in, else of whoever it was running for. */
export function culpritOf(error: unknown, folders: readonly PluginFolder[]): string {
  for (const line of stackOf(error).split('\n')) {
    const owner = /^\s+at /.test(line) ? ownerOfFile(line, folders) : undefined;
    if (owner !== undefined) return owner;
  }
  return currentExecution()?.owner ?? 'kernel';
}

function stackOf(error: unknown): string {
  try {
    const stack: unknown = error instanceof Error ? error.stack : undefined;
    return typeof stack === 'string' ? stack : '';
  } catch {
    return '';
  }
}
