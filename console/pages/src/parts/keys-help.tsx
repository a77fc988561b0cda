import { pages } from '../lib/keys.ts';
import { Dialog } from './dialog.tsx';

const keys = [
  ['/', 'Search'],
  ['j', 'Next line of a list'],
  ['k', 'Previous line'],
  ['Enter', 'Open it'],
  ['p', 'Pause and resume'],
  ['Esc', 'Leave a field or a dialog'],
  ['?', 'This help'],
] as const;

export function KeysHelp({ close }: { close(): void }) {
  return (
    <Dialog title="Keys" close={close}>
      <div className="keys">
        <dl>
          {keys.map(([key, what]) => (
            <div key={key} className="key-row">
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <dl>
          {pages.map(({ key, name }) => (
            <div key={key} className="key-row">
              <dt>
                <kbd>g</kbd> <kbd>{key}</kbd>
              </dt>
              <dd>{name}</dd>
            </div>
          ))}
        </dl>
      </div>
      <div className="actions">
        <button type="button" onClick={close}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
