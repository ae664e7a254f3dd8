import { useEffect, useRef, useState } from "preact/hooks";
import { type EntryRow, readRows } from "./entry-rows.ts";
import type { OpenDict } from "./open-dict.ts";

interface State {
  readonly rows: readonly EntryRow[];
  readonly next: Uint8Array | undefined;
  readonly isLoading: boolean;
  readonly error: unknown;
}

const nothing: State = { rows: [], next: undefined, isLoading: true, error: undefined };

/** The rows of a dictionary as far as they were read. A new prefix, or `again`, begins anew; what is late is dropped. */
export function useRows(dict: OpenDict | undefined, prefix: string) {
  const [state, setState] = useState<State>(nothing);
  const [round, setRound] = useState(0);
  const current = useRef(0);
  const load = (rows: readonly EntryRow[], after: Uint8Array | undefined): void => {
    if (dict === undefined) return;
    const mine = ++current.current;
    setState({ rows, next: after, isLoading: true, error: undefined });
    readRows(dict, prefix, after).then(
      (page) =>
        mine === current.current &&
        setState({ rows: [...rows, ...page.rows], next: page.next, isLoading: false, error: undefined }),
      (error: unknown) =>
        mine === current.current && setState({ rows, next: after, isLoading: false, error }),
    );
  };
  useEffect(() => {
    load([], undefined);
    return () => {
      current.current++;
    };
  }, [dict, prefix, round]);
  return {
    ...state,
    more: () => state.next !== undefined && !state.isLoading && load(state.rows, state.next),
    again: () => setRound((each) => each + 1),
    leaveOut: (gone: ReadonlySet<EntryRow>) =>
      setState((before) => ({ ...before, rows: before.rows.filter((row) => !gone.has(row)) })),
  };
}
