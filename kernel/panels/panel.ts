import type { HttpMethod } from '../http/route.ts';

/** A route of the same plugin, as it registers it: `GET /admin/tips`. */
export type PanelRoute<Method extends HttpMethod = HttpMethod> = `${Method} /${string}`;

/**
 * How a value is shown. `duration` is in seconds, `percent` out of 100, `state` a word with a colour; `user` is a member, or the id of one,
 * shown by name. `date` and `datetime` are shown as the reader writes them, where the reader is.
 */
export type PanelFieldType =
  | 'text'
  | 'number'
  | 'percent'
  | 'credits'
  | 'boolean'
  | 'date'
  | 'datetime'
  | 'duration'
  | 'state'
  | 'list'
  | 'user'
  | 'image';

/** What the colour of a value says: `attention` for what somebody has to look at, `quiet` for no colour. */
export type PanelTone = 'good' | 'attention' | 'bad' | 'quiet';

/** A value of the answer, and how it is shown. */
export interface PanelField {
  /** A property of the row or, in figures, of the answer; dots lead into objects, as `user.username`. */
  field: string;
  label: string;
  /** `text` unless said. */
  type?: PanelFieldType;
  /** Of a `state`: what its words mean; `quiet` unless said. */
  tones?: Readonly<Record<string, PanelTone>>;
  /**
   * Of a `state`, a `text` or a `list`: what its values are called where people read them, as `{ acted: 'Dealt with' }`; one that has
   * none here is made of its own letters, `pull_up` being `Pull up`. Filters and forms
   * of the same panel call a choice of this name the same.
   */
  words?: Readonly<Record<string, string>>;
}

/** A property of a route's body that is asked for. Its kind, limits and default come from the body's JSON Schema. */
export interface PanelInput {
  /** The property's name. */
  name: string;
  /** Made of the name unless said. */
  label?: string;
  /** The schema's description unless said. */
  help?: string;
  /** A text of several lines. */
  multiline?: boolean;
  /** Chosen instead of typed. */
  choices?: PanelChoices;
}

/** What one of the plugin's routes answers, as choices. */
export interface PanelChoices {
  route: PanelRoute<'GET'>;
  /** The field of a row that is the value, and the one that is shown. */
  value: string;
  label: string;
  /**
   * Only the rows whose `field` is what another input of the same form holds: of the values of all triggers, those of the one that is
   * chosen.
   *
   * @example
   * { route: 'GET /admin/lockers', value: 'id', label: 'number', by: { input: 'room', field: 'roomId' } }
   */
  by?: { input: string; field: string };
  /** Something else may be typed: the choices are offered while somebody types a text. */
  isFree?: boolean;
}

/** Something to do: a button, with a form before it when the route's body has to be filled in. */
export interface PanelAction {
  /** In kebab-case, once in its panel. */
  id: string;
  label: string;
  route: PanelRoute<'POST' | 'PUT' | 'PATCH' | 'DELETE'>;
  /** Which fields of the row the path's parameters are taken from; the fields of their names unless said. */
  params?: Readonly<Record<string, string>>;
  /** What the form asks for, in this order: every property of the body that is not in `body` unless said. */
  inputs?: readonly PanelInput[];
  /** Properties of the body that are always the same. */
  body?: Readonly<Record<string, string | number | boolean | null>>;
  /** A question to answer before it is done, for what cannot be taken back. */
  confirm?: string;
  /** `danger` for what takes something away. */
  tone?: 'danger';
  /** Only for rows whose field holds one of these values. */
  when?: { field: string; is: readonly (string | number | boolean | null)[] };
}

/**
 * Where a panel is shown: on the page of its `plugin` in the console, on the console's `home`, with the `moderation` queue, on
 * the page of one `member` (whose id the path of its routes takes as `:userId`), or on every member's own page, `me`.
 * Images of the `moderation` queue are veiled until the moderator asks for one.
 */
export type PanelPage = 'plugin' | 'home' | 'moderation' | 'member' | 'me';

interface PanelBase {
  /** In kebab-case, once in its plugin. */
  id: string;
  title: string;
  description?: string;
  /** `plugin` unless said. */
  page?: PanelPage;
  /** A heading that panels of the same page share. */
  group?: string;
  /** Where more is found: a panel of the same plugin on its own page, or with the moderation queue, lists what this one counts. */
  opens?: 'plugin' | 'moderation';
  /**
   * A permission that is needed to see it, beside what its routes ask for: who may not call the route of a panel is not shown it,
   * and who may not call that of an action is not shown the action. Panels whose routes are open to members are for administrators
   * unless a permission says otherwise, or the page is `me`.
   */
  permission?: string;
}

/** What a panel reads. */
interface PanelSource {
  route: PanelRoute<'GET'>;
  /** Values for the query that are always the same. */
  query?: Readonly<Record<string, string | number | boolean>>;
}

/** Rows, in pages when the route is a list. */
export interface TablePanel extends PanelBase, PanelSource {
  kind: 'table';
  /** Where in the answer the rows are, when it is not an array itself. */
  rows?: string;
  columns: readonly PanelField[];
  /** Parameters of the route's query that the reader may choose. */
  filters?: readonly string[];
  /** Done to one row. The form of a PATCH or PUT begins with the row's values. */
  rowActions?: readonly PanelAction[];
  /** Done beside the table, as adding a row. */
  actions?: readonly PanelAction[];
}

/** A few numbers that say how things stand. */
export interface FigurePanel extends PanelBase, PanelSource {
  kind: 'figure';
  figures: readonly PanelField[];
}

/** Rows drawn instead of listed. */
export interface ChartPanel extends PanelBase, PanelSource {
  kind: 'chart';
  chart: 'line' | 'bar';
  rows?: string;
  /** What each point is called. */
  x: PanelField;
  /** A line or a bar each. */
  series: readonly PanelField[];
}

/** A form that stays open, as for settings. */
export interface FormPanel extends PanelBase, Pick<PanelAction, 'inputs' | 'body' | 'confirm'> {
  kind: 'form';
  route: PanelRoute<'POST' | 'PUT' | 'PATCH'>;
  /** Reads what the form begins with. */
  reads?: PanelRoute<'GET'>;
  /** The button's. */
  label: string;
}

/** Things to do. */
export interface ActionPanel extends PanelBase {
  kind: 'action';
  actions: readonly PanelAction[];
}

/** A part of the console, declared as data: no front-end code comes from a plugin. */
export type Panel = TablePanel | FigurePanel | ChartPanel | FormPanel | ActionPanel;

/** Where a plugin says what the console and every member's own page show of it. */
export interface PanelRegistrar {
  /**
   * Shows a panel to whom its routes are open. Routes, fields, inputs and permissions are checked against what the plugin
   * registers: one that does not exist fails the plugin, with the panel's name.
   *
   * @example
   * panels.add({
   *   id: 'lockers', kind: 'table', title: 'Lockers', route: 'GET /admin/lockers',
   *   columns: [{ field: 'number', label: 'Locker', type: 'number' }, { field: 'rentedBy', label: 'Member', type: 'user' }],
   *   rowActions: [{ id: 'free', label: 'Free', route: 'POST /admin/lockers/:number/free', confirm: 'Is it empty?' }],
   * });
   */
  add(panel: Panel): void;
}

/** A registered panel with its owner. */
export interface OwnedPanel {
  owner: string;
  panel: Panel;
}
