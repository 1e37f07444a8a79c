import { useEffect, useRef } from 'react';
import { Icon } from '../kit/Icon';
import { shortcutHelp } from './shortcuts';

export function HelpDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog
      ref={dialog}
      className="help"
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
      aria-labelledby="help-title"
      data-testid="help"
    >
      <header>
        <h2 id="help-title">Keyboard shortcuts</h2>
        <button type="button" className="button ghost small" onClick={onClose} aria-label="Close">
          <Icon name="close" />
        </button>
      </header>
      <div className="help-body">
        {shortcutHelp.map((group) => (
          <section key={group.title}>
            <h3>{group.title}</h3>
            <dl>
              {group.keys.map(([combination, meaning]) => (
                <div key={combination}>
                  <dt>
                    {combination
                      .split(' ')
                      .map((key, i) =>
                        key === '/' && combination.length > 1 ? <span key={i}>/</span> : <kbd key={i}>{key}</kbd>,
                      )}
                  </dt>
                  <dd>{meaning}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </dialog>
  );
}
