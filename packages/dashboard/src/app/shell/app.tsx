import { CurrentView } from "./current-view.tsx";

/** The whole dashboard. */
export function App() {
  return <CurrentView />;
}
