import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { Badge, Button, Card, Field, Notice, Select } from '../../../ui/parts.tsx';
import { texts } from '../../texts.ts';
import { COMMON, NEEDED, OTHERS, guessDateOrder, isAsked, namesUnit, samplesOf, withColumn, type ColumnField, type Columns, type FoundColumns, type Mapping } from './columns.ts';

const words = texts.imports.mapping;

interface MappingProps {
  found: FoundColumns;
  mapping: Mapping;
  /** It was used for an earlier file. */
  isKnown: boolean;
  onChange: (mapping: Mapping) => void;
  onLook: () => Promise<void>;
}

/** Has the member say what the columns of a file are that nobody knows. */
export function MappingForm({ found, mapping, isKnown, onChange, onLook }: MappingProps): JSX.Element {
  const { columns } = mapping;
  const missing = NEEDED.filter((field) => columns[field] === undefined);
  const hint = useId();
  const choose = (field: ColumnField, column: string): void => {
    const next = withColumn(columns, field, column);
    onChange({ ...mapping, columns: next, ...(field === 'date' && { dateOrder: guessDateOrder(samplesOf(found, next.date)) }) });
  };
  const show = (field: ColumnField): JSX.Element => <ColumnSelect key={field} field={field} found={found} chosen={columns[field] ?? ''} onChoose={choose} />;
  return (
    <Card title={words.title}>
      <div role="alert">
        <Notice>{isKnown ? words.known : words.lead}</Notice>
      </div>
      <div class="import-form columns">
        {COMMON.filter((field) => isAsked(field, columns)).map(show)}
      </div>
      <UnitSelects found={found} mapping={mapping} onChange={onChange} />
      <details class="more-columns" open={OTHERS.some((field) => columns[field] !== undefined)}>
        <summary>{words.others}</summary>
        <div class="import-form columns">{OTHERS.map(show)}</div>
      </details>
      <Unused found={found} columns={columns} />
      <div class="actions below" aria-describedby={hint}>
        <Button kind="primary" disabled={missing.length > 0} onClick={onLook}>
          {words.look}
        </Button>
        <span class="muted" id={hint}>
          {missing.length > 0 ? words.needs(missing.map((field) => words.fields[field])) : texts.imports.lookHint}
        </span>
      </div>
    </Card>
  );
}

function ColumnSelect({ field, found, chosen, onChoose }: { field: ColumnField; found: FoundColumns; chosen: string; onChoose: (field: ColumnField, column: string) => void }): JSX.Element {
  const samples = samplesOf(found, chosen);
  return (
    <Field label={words.fields[field]} hint={samples.length > 0 ? words.samples(samples.slice(0, 2)) : undefined} isRequired={NEEDED.includes(field)}>
      {({ id, describedBy }) => (
        <select id={id} value={chosen} required={NEEDED.includes(field)} aria-describedby={describedBy} onChange={({ currentTarget }) => { onChoose(field, currentTarget.value); }}>
          <option value="" selected={chosen === ''}>
            {NEEDED.includes(field) ? words.choose : words.none}
          </option>
          {found.columns.map((column) => (
            <option key={column} value={column} selected={column === chosen}>
              {column}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** What the columns leave open: the unit that is meant, and which number of a date is the day. */
function UnitSelects({ found, mapping, onChange }: Pick<MappingProps, 'found' | 'mapping' | 'onChange'>): JSX.Element {
  const { columns, unit = 'kg', distanceUnit = 'km', dateOrder = 'ymd' } = mapping;
  const [date] = samplesOf(found, columns.date);
  return (
    <div class="import-form columns">
      {date !== undefined && (
        <Select label={words.dates(date)} value={dateOrder} options={Object.entries(words.dateOrders)} onChange={(order) => { onChange({ ...mapping, dateOrder: order }); }} />
      )}
      {columns.weight !== undefined && columns.weightUnit === undefined && !namesUnit(columns.weight) && (
        <Select label={texts.imports.unit} value={unit} options={Object.entries(texts.imports.units)} onChange={(chosen) => { onChange({ ...mapping, unit: chosen }); }} />
      )}
      {columns.distance !== undefined && columns.distanceUnit === undefined && !namesUnit(columns.distance) && (
        <Select label={words.distances} value={distanceUnit} options={Object.entries(words.distanceUnits)} onChange={(chosen) => { onChange({ ...mapping, distanceUnit: chosen }); }} />
      )}
    </div>
  );
}

/** The columns that nobody asks for: they are not brought in. */
function Unused({ found, columns }: { found: FoundColumns; columns: Columns }): JSX.Element | null {
  const used = new Set(Object.values(columns));
  const unused = found.columns.filter((column) => !used.has(column));
  if (unused.length === 0) return null;
  return (
    <p class="muted unused">
      {words.unused}{' '}
      {unused.map((column) => (
        <Badge key={column}>{column}</Badge>
      ))}
    </p>
  );
}
