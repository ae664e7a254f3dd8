import { toBase64Url } from "@everdict/protocol";
import { useEffect } from "preact/hooks";
import { BytesText } from "../parts/number-text.tsx";
import { SafeText } from "../parts/safe-text.tsx";
import { SpaceRow } from "../parts/space-row.tsx";
import { useWindowOfRows } from "../parts/window-of-rows.ts";
import { hrefOf } from "../routes/route.ts";
import { mayWrite } from "../session/session.ts";
import type { EntryRow } from "./entry-rows.ts";

interface Options {
  readonly environment: string;
  readonly dict: string;
  readonly rows: readonly EntryRow[];
  readonly selected: ReadonlySet<EntryRow>;
  onSelected(selected: ReadonlySet<EntryRow>): void;
  /** The last rows that were read are nearly in sight. */
  onNearEnd(): void;
}

const nearRows = 40;

/** Entries, of which only those in sight are rendered. */
export function EntryTable({ environment, dict, rows, selected, onSelected, onNearEnd }: Options) {
  const { body, from, to, above, below } = useWindowOfRows(rows.length);
  const isNearEnd = to >= rows.length - nearRows;
  useEffect(() => {
    if (isNearEnd) onNearEnd();
  }, [isNearEnd, rows.length]);
  const toggle = (row: EntryRow) => {
    const changed = new Set(selected);
    if (!changed.delete(row)) changed.add(row);
    onSelected(changed);
  };
  const isAll = rows.length > 0 && selected.size === rows.length;
  return (
    <div class="table-frame">
      <table class="table table-windowed entries-table" aria-rowcount={-1}>
        <thead>
          <tr>
            {mayWrite() && (
              <th>
                <input
                  type="checkbox"
                  aria-label="Select all that are loaded"
                  checked={isAll}
                  onChange={() => onSelected(new Set(isAll ? [] : rows))}
                />
              </th>
            )}
            <th>Key</th>
            <th>Value</th>
            <th class="number entries-size">Size</th>
          </tr>
        </thead>
        <tbody ref={body}>
          <SpaceRow height={above} />
          {rows.slice(from, to).map((row) => (
            <tr key={row.key} aria-selected={selected.has(row)}>
              {mayWrite() && (
                <td>
                  <input
                    type="checkbox"
                    aria-label={`Select ${row.keyText.slice(0, 100)}`}
                    checked={selected.has(row)}
                    onChange={() => toggle(row)}
                  />
                </td>
              )}
              <td class="entries-key">
                <a href={hrefOf({ view: "entry", environment, dict, key: toBase64Url(row.key) })}>
                  <SafeText text={row.keyText || '""'} isOneLine />
                </a>
              </td>
              <td class={row.isUnreadable ? "entries-value soft" : "entries-value"}>
                <SafeText text={row.preview} isOneLine class="mono" />
              </td>
              <td class="number entries-size">
                <BytesText bytes={row.valueBytes} />
              </td>
            </tr>
          ))}
          <SpaceRow height={below} />
        </tbody>
      </table>
    </div>
  );
}
