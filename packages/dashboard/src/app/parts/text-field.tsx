import { useId } from "preact/hooks";

interface Options {
  readonly label: string;
  readonly value: string;
  onValue(value: string): void;
  readonly hint?: string | undefined;
  /** What is wrong with the value; undefined or empty: nothing. */
  readonly wrong?: string | undefined;
  /** Default: `text`. */
  readonly type?: "text" | "password" | "search" | undefined;
  /** What a password manager may fill in. Default: nothing. */
  readonly autocomplete?: string | undefined;
  readonly placeholder?: string | undefined;
}

/** One line of text with its label. */
export function TextField(options: Options) {
  const { label, value, onValue, hint, wrong, type = "text", autocomplete = "off" } = options;
  const id = useId();
  const below = wrong || hint;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type={type as "text"}
        autocomplete={autocomplete}
        placeholder={options.placeholder ?? ""}
        spellcheck={false}
        value={value}
        aria-invalid={wrong ? "true" : "false"}
        aria-describedby={`${id}-below`}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
      <span id={`${id}-below`} class={wrong ? "field-wrong" : "field-hint"} hidden={!below}>
        {below}
      </span>
    </div>
  );
}
