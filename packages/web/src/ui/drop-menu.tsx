import { Menu } from '@base-ui/react/menu';
import type { ReactNode } from 'react';
import { Icon, type IconName } from './icons.tsx';

export interface DropMenuProps {
  readonly label: string;
  readonly icon: IconName;
  /** `MenuAction`s and `MenuDownload`s. */
  readonly children: ReactNode;
}

/** A button with things to do behind it. */
export function DropMenu({ label, icon, children }: DropMenuProps) {
  return (
    <Menu.Root>
      <Menu.Trigger className="button drop-menu">
        <Icon name={icon} />
        {label}
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={4} align="end" style={{ zIndex: 20 }}>
          <Menu.Popup className="popup">{children}</Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

export function MenuAction({
  onRun,
  children,
}: {
  readonly onRun: () => void;
  readonly children: ReactNode;
}) {
  return (
    <Menu.Item className="popup-item" onClick={onRun}>
      {children}
    </Menu.Item>
  );
}

/** A file that the server makes. */
export function MenuDownload({ href, children }: { readonly href: string; readonly children: ReactNode }) {
  return (
    <Menu.LinkItem className="popup-item" href={href} download closeOnClick>
      {children}
    </Menu.LinkItem>
  );
}
