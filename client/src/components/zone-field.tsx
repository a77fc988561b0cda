import { SelectField } from './fields.tsx';

interface ZoneFieldProps {
  readonly zone: string;
  readonly zones: readonly string[];
  readonly onZone: (zone: string) => void;
  readonly error: string | undefined;
}

/** The time zone that the times of a form are typed in. */
export function ZoneField({ zone, zones, onZone, error }: ZoneFieldProps) {
  return (
    <SelectField
      label="Time zone"
      name="timeZone"
      value={zone}
      onChange={({ target }) => onZone(target.value)}
      hint="Where it takes place. Everyone sees the local time there."
      error={error}
    >
      {zones.map((name) => (
        <option key={name} value={name}>
          {name.replaceAll('_', ' ')}
        </option>
      ))}
    </SelectField>
  );
}
