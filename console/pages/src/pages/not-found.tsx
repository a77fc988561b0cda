import { Link } from 'react-router';
import { PageHead } from '../parts/page-head.tsx';
import { Empty } from '../parts/states.tsx';

export function NotFoundPage() {
  return (
    <>
      <PageHead title="No such page" />
      <Empty title="There is nothing at this address.">
        Go to the <Link to="/">overview</Link>, or press <kbd>?</kbd> for what there is.
      </Empty>
    </>
  );
}
