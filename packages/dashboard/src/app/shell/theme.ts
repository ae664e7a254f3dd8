import { effect, signal } from "@preact/signals";

/** The themes that one can choose; `auto` is what the system says. */
export type Theme = "auto" | "light" | "dark";

const storageKey = "everdict.theme";

/** The theme that was chosen. */
export const theme = signal<Theme>(kept());

function kept(): Theme {
  const text = localStorage.getItem(storageKey);
  return text === "light" || text === "dark" ? text : "auto";
}

effect(() => {
  if (theme.value === "auto") {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem(storageKey);
  } else {
    document.documentElement.dataset.theme = theme.value;
    localStorage.setItem(storageKey, theme.value);
  }
});
