import { DictsView } from "../dicts/dicts-view.tsx";
import { EntriesView } from "../entries/entries-view.tsx";
import { currentRoute } from "../routes/route.ts";
import { EntryView } from "../value/entry-view.tsx";

/** The view that the address names. */
export function CurrentView() {
  const route = currentRoute.value;
  switch (route.view) {
    case "dicts":
      return <DictsView environment={route.environment} />;
    case "entries":
      return (
        <EntriesView
          key={`${route.environment}/${route.dict}`}
          environment={route.environment}
          dict={route.dict}
        />
      );
    case "entry":
      return (
        <EntryView
          key={`${route.environment}/${route.dict}/${route.key}`}
          environment={route.environment}
          dict={route.dict}
          entryKey={route.key}
        />
      );
  }
}
