import { Component, type ComponentChildren } from "preact";
import { ErrorNote } from "../parts/error-note.tsx";

interface State {
  readonly error?: unknown;
}

/** Keeps the frame when a view fails, and lets it be tried again. */
export class ErrorBoundary extends Component<{ readonly children: ComponentChildren }, State> {
  static override getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override render() {
    if (this.state.error === undefined) return this.props.children;
    return <ErrorNote error={this.state.error} onRetry={() => this.setState({ error: undefined })} />;
  }
}
