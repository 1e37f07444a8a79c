import { Icon, type IconName } from '../../kit/Icon';

interface Props {
  zoomed: boolean;
  onZoom: (factor: number) => void;
  onReset: () => void;
}

export function ZoomTools({ zoomed, onZoom, onReset }: Props) {
  return (
    <span className="wf-tools">
      <Tool icon="plus" label="Zoom in" shortcut="+" onClick={() => onZoom(0.6)} />
      <Tool icon="dash" label="Zoom out" shortcut="−" disabled={!zoomed} onClick={() => onZoom(1 / 0.6)} />
      <Tool icon="reset" label="Show the whole run" shortcut="0" disabled={!zoomed} onClick={onReset} />
    </span>
  );
}

interface ToolProps {
  icon: IconName;
  label: string;
  shortcut: string;
  disabled?: boolean;
  onClick: () => void;
}

function Tool({ icon, label, shortcut, disabled = false, onClick }: ToolProps) {
  return (
    <button
      type="button"
      className="button ghost small"
      title={`${label} (${shortcut})`}
      aria-label={label}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} size={14} />
    </button>
  );
}
