import type { PanelInput, PanelRegistrar } from 'musclemap';
import type { Trigger } from './catalogue/types.ts';
import { OWN_CONDITIONS } from './milestones/conditions.ts';

const TIP: readonly PanelInput[] = [
  { name: 'title', label: 'Title' },
  { name: 'content', label: 'Text', multiline: true },
  { name: 'category', label: 'Category' },
  { name: 'triggerType', label: 'Fits when', choices: { route: 'GET /admin/tips/triggers', value: 'type', label: 'summary' } },
  {
    name: 'triggerValue',
    label: 'Value',
    help: 'What the trigger compares with; empty where it takes none',
    choices: { route: 'GET /admin/tips/trigger-values', value: 'value', label: 'label', by: { input: 'triggerType', field: 'type' }, isFree: true },
  },
  { name: 'priority', label: 'Priority', help: 'Higher comes first among tips that fit as well' },
  { name: 'displayContext', label: 'Shown on' },
  { name: 'minLevel', label: 'From level' },
  { name: 'maxLevel', label: 'To level' },
];

const MILESTONE: readonly PanelInput[] = [
  { name: 'name', label: 'Name' },
  { name: 'description', label: 'Description', multiline: true },
  { name: 'category', label: 'Category' },
  { name: 'conditionType', label: 'Measured by', choices: { route: 'GET /admin/milestones/conditions', value: 'type', label: 'summary' } },
  { name: 'conditionValue', label: 'Condition' },
  { name: 'rewardCredits', label: 'Reward in credits' },
  { name: 'badgeIcon', label: 'Address of its picture' },
];

const MEASURES = Object.fromEntries(OWN_CONDITIONS.map(({ type, summary }) => [type, summary]));
const FITS: Record<Trigger, string> = {
  exercise: 'An exercise is done',
  muscle: 'A muscle is trained too little',
  goal: 'Somebody trains for it',
  milestone: 'A milestone stands so',
  level: 'Somebody is on the level',
  inactivity: 'Days without a workout',
  streak: 'Days in a row with a workout',
  time_of_day: 'It is that time of day',
  random: 'At any time',
};

/** Tips and milestones, to be written, changed and taken away. */
export function registerPanels(panels: PanelRegistrar): void {
  panels.add({
    id: 'milestones',
    kind: 'table',
    title: 'Milestones',
    description: 'What members have done before counts for a new one; who has completed one keeps it when it changes',
    route: 'GET /admin/milestones',
    filters: ['category'],
    columns: [
      { field: 'name', label: 'Milestone' },
      { field: 'category', label: 'Category', type: 'state' },
      { field: 'conditionType', label: 'Measured by', words: MEASURES },
      { field: 'conditionValue.target', label: 'Target', type: 'number' },
      { field: 'rewardCredits', label: 'Reward', type: 'credits' },
    ],
    actions: [{ id: 'add', label: 'New milestone', route: 'POST /admin/milestones', inputs: MILESTONE }],
    rowActions: [
      { id: 'edit', label: 'Edit', route: 'PATCH /admin/milestones/:id', inputs: MILESTONE },
      {
        id: 'remove',
        label: 'Remove',
        route: 'DELETE /admin/milestones/:id',
        tone: 'danger',
        confirm: 'Remove this milestone with all progress towards it? Claimed rewards stay.',
      },
    ],
  });
  panels.add({
    id: 'tips',
    kind: 'table',
    title: 'Tips',
    route: 'GET /admin/tips',
    filters: ['search', 'category', 'triggerType'],
    columns: [
      { field: 'title', label: 'Tip' },
      { field: 'category', label: 'Category', type: 'state' },
      { field: 'triggerType', label: 'Fits when', words: FITS },
      { field: 'triggerValue', label: 'Value', words: {} },
      { field: 'priority', label: 'Priority', type: 'number' },
    ],
    actions: [{ id: 'add', label: 'New tip', route: 'POST /admin/tips', inputs: TIP }],
    rowActions: [
      { id: 'edit', label: 'Edit', route: 'PATCH /admin/tips/:id', inputs: TIP },
      {
        id: 'remove',
        label: 'Remove',
        route: 'DELETE /admin/tips/:id',
        tone: 'danger',
        confirm: 'Remove this tip, for everybody and for good?',
      },
    ],
  });
}
