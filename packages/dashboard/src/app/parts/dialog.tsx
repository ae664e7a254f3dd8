import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { Button } from "./button.tsx";

interface Options {
  readonly title: string;
  /** Escape, the cross, or a click beside it. Rendering without the dialog closes it. */
  onClose(): void;
  readonly isWide?: boolean | undefined;
  /** The buttons at the end. */
  readonly foot?: ComponentChildren;
  /** Makes the content a form. */
  readonly onSubmit?: (() => void) | undefined;
  readonly children: ComponentChildren;
}

/** A modal dialog, open as long as it is rendered. The focus returns to where it was. */
export function Dialog({ title, onClose, isWide = false, foot, onSubmit, children }: Options) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  // At once: the next key that is pressed belongs to the dialog.
  useLayoutEffect(() => {
    const element = dialog.current!;
    const before = document.activeElement;
    element.showModal();
    element.querySelector<HTMLElement>("[autofocus], input, textarea, select")?.focus();
    return () => {
      element.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={isWide ? "dialog dialog-wide" : "dialog"}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => event.target === dialog.current && onClose()}
    >
      <form
        class="dialog-body"
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit?.();
        }}
      >
        <div class="dialog-head">
          <h2 id={id}>{title}</h2>
          <Button look="quiet" aria-label="Close" onClick={onClose}>
            ✕
          </Button>
        </div>
        {children}
        {foot && <div class="dialog-foot">{foot}</div>}
      </form>
    </dialog>
  );
}
