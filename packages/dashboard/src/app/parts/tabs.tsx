import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { moveFocus } from "./keyboard.ts";

interface Options<Name extends string> {
  /** What the tabs are of, for a screen reader. */
  readonly label: string;
  /** Name and what is shown for it. */
  readonly tabs: readonly (readonly [Name, string])[];
  readonly selected: Name;
  onSelect(name: Name): void;
  /** The panel of the selected tab. */
  readonly children: ComponentChildren;
}

/** Tabs above one panel. Arrow keys, Home and End move between them. */
export function Tabs<Name extends string>({ label, tabs, selected, onSelect, children }: Options<Name>) {
  const id = useId();
  return (
    <div>
      <div
        class="tabs"
        role="tablist"
        aria-label={label}
        onKeyDown={(event) => moveFocus(event, "[role=tab]", "horizontal")}
      >
        {tabs.map(([name, shown]) => (
          <button
            key={name}
            type="button"
            role="tab"
            class="tab"
            id={`${id}-${name}`}
            aria-selected={name === selected}
            aria-controls={`${id}-panel`}
            tabIndex={name === selected ? 0 : -1}
            onClick={() => onSelect(name)}
            onFocus={() => name !== selected && onSelect(name)}
          >
            {shown}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${selected}`}>
        {children}
      </div>
    </div>
  );
}
