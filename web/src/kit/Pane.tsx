import { useEffect, type ReactNode } from 'react';
import { Icon } from './Icon';

/** The details of one row, beside the list (over it on a narrow screen). Escape closes it. */
export function Pane({
  title,
  label,
  onClose,
  children,
}: {
  title: ReactNode;
  label: string;
  onClose: () => void;
  children: ReactNode;
}) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.defaultPrevented && !document.querySelector('dialog[open]')) onClose();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [onClose]);
  return (
    <aside className="pane" aria-label={label} data-testid="pane">
      <header>
        <div className="pane-title">{title}</div>
        <button type="button" className="button ghost small" onClick={onClose} aria-label="Close details">
          <Icon name="close" />
        </button>
      </header>
      <div className="pane-body">{children}</div>
    </aside>
  );
}

export function PaneSection({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="pane-section">
      <h3>{title}</h3>
      {children}
    </section>
  );
}
