import type { ButtonHTMLAttributes, ComponentChildren } from "preact";

interface Options extends Omit<ButtonHTMLAttributes, "class" | "className"> {
  /** `main` once in a view, for what is usually wanted; `danger` for what cannot be undone. Default: `plain`. */
  readonly look?: "plain" | "main" | "danger" | "quiet" | undefined;
  readonly children: ComponentChildren;
}

/** A button. It submits a form only with `type="submit"`. */
export function Button({ look = "plain", type = "button", children, ...rest }: Options) {
  return (
    <button {...rest} type={type} class={look === "plain" ? "button" : `button button-${look}`}>
      {children}
    </button>
  );
}
