import { Dialog } from '@base-ui/react/dialog';

export type Shortcut = readonly [keys: readonly string[], meaning: string];

export interface HelpDialogProps {
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  readonly shortcuts: readonly Shortcut[];
}

export function HelpDialog({ isOpen, onOpenChange, shortcuts }: HelpDialogProps) {
  return (
    <Dialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Backdrop className="dialog-backdrop" />
        <Dialog.Popup className="dialog">
          <Dialog.Title>Keyboard</Dialog.Title>
          <table className="shortcuts">
            <tbody>
              {shortcuts.map(([keys, meaning]) => (
                <tr key={meaning}>
                  <th scope="row">
                    {keys.map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </th>
                  <td>{meaning}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <Dialog.Close className="button">Close</Dialog.Close>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
