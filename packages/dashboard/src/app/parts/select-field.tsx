import { useId } from "preact/hooks";

interface Options<Value extends string> {
  readonly label: string;
  readonly value: Value;
  /** Value and what is shown for it. */
  readonly choices: readonly (readonly [Value, string])[];
  onValue(value: Value): void;
}

/** One of some choices. */
export function SelectField<Value extends string>({ label, value, choices, onValue }: Options<Value>) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onValue(event.currentTarget.value as Value)}>
        {choices.map(([each, shown]) => (
          <option key={each} value={each}>
            {shown}
          </option>
        ))}
      </select>
    </div>
  );
}
