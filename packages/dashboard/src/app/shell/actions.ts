import { computed, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** Something that the current view can do, for the palette and the list of keys. */
export interface Action {
  readonly name: string;
  /** One key that does it while nothing is typed into, such as `n` or `/`. */
  readonly key?: string | undefined;
  run(): void;
}

const groups = signal<readonly (readonly Action[])[]>([]);

/** What the views that are shown can do. */
export const currentActions = computed(() => groups.value.flat());

/** Offers actions until the function that it gives is called. */
export function registerActions(actions: readonly Action[]): () => void {
  groups.value = [...groups.value, actions];
  return () => {
    groups.value = groups.value.filter((each) => each !== actions);
  };
}

/** Offers actions as long as a view is shown; made anew when one of `inputs` changes. */
export function useActions(make: () => readonly Action[], inputs: readonly unknown[]): void {
  useEffect(() => registerActions(make()), inputs);
}
