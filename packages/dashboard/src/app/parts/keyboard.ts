/** Moves the focus among the elements that match `selector` below the event's element, as arrow keys, Home and End say. */
export function moveFocus(
  event: KeyboardEvent,
  selector: string,
  direction: "horizontal" | "vertical" = "vertical",
): void {
  const [before, after] = direction === "vertical" ? ["ArrowUp", "ArrowDown"] : ["ArrowLeft", "ArrowRight"];
  const all = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>(selector)];
  const at = all.indexOf(document.activeElement as HTMLElement);
  const to = { [before!]: at - 1, [after!]: at + 1, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined || all.length === 0) return;
  event.preventDefault();
  all[(to + all.length) % all.length]?.focus();
}

/** Whether a key press belongs to something that is typed into, so that a shortcut of one letter must not take it. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}
