import { Component, type ReactNode } from 'react';

/** Keeps a fault in one page from taking the navigation along. */
export class CrashFence extends Component<{ children: ReactNode }, { error: Error | undefined }> {
  override state: { error: Error | undefined } = { error: undefined };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override render(): ReactNode {
    if (!this.state.error) return this.props.children;
    return (
      <div className="empty" role="alert">
        <h2>This page broke</h2>
        <p>{this.state.error.message}</p>
        <button type="button" className="button" onClick={() => location.reload()}>
          Load it again
        </button>
      </div>
    );
  }
}
