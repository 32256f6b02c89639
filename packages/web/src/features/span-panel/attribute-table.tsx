import type { AttributeDto } from '@spanwise/api';
import { Link } from '@tanstack/react-router';
import { searchForAttribute } from '../../state/search-url.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Icon } from '../../ui/icons.tsx';
import { formatValue, isSearchable } from './format-value.ts';

export interface AttributeTableProps {
  readonly attributes: readonly AttributeDto[];
  /** False where a value cannot be searched by: of events and links. */
  readonly hasSearch?: boolean;
}

export function AttributeTable({ attributes, hasSearch = true }: AttributeTableProps) {
  return (
    <dl className="attributes">
      {attributes.map(({ key, value }, index) => {
        const text = formatValue(value);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: senders repeat keys, and the list never changes
          <div key={`${key} ${index}`} className="attribute">
            <dt className="mono" title={key}>
              {key}
            </dt>
            <dd className="mono" title={value.type}>
              {text}
            </dd>
            <dd className="attribute-actions">
              <CopyButton text={text} label={`Copy ${key}`} />
              {hasSearch && isSearchable(value) && (
                <Link
                  to="/search"
                  search={searchForAttribute(key, text, '24h')}
                  className="icon-button small"
                  aria-label={`Find others with this ${key}`}
                  title="Find others with this"
                >
                  <Icon name="find" />
                </Link>
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
