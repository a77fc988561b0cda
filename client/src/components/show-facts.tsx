import type { ShowAnswer } from '@box-office/common/contracts/shows';
import { When } from './when.tsx';

/** Where and when a show takes place, and what its organiser says of it. */
export function ShowFacts({ show }: { readonly show: ShowAnswer }) {
  const { venue, startsAt, endsAt, timeZone, description, image } = show;
  return (
    <>
      {/* biome-ignore lint/performance/noImgElement: the picture is on another site, whose address we do not call */}
      {image && <img className="picture" src={image} alt="" loading="lazy" referrerPolicy="no-referrer" />}
      <dl className="facts">
        <dt>Venue</dt>
        <dd>
          <bdi>{venue.name}</bdi>
          {venue.address && (
            <>
              <br />
              <bdi className="muted">{venue.address}</bdi>
            </>
          )}
        </dd>
        <dt>Starts</dt>
        <dd>
          <When at={startsAt} timeZone={timeZone} />
        </dd>
        {endsAt && (
          <>
            <dt>Ends</dt>
            <dd>
              <When at={endsAt} timeZone={timeZone} />
            </dd>
          </>
        )}
      </dl>
      {description && <p className="description">{description}</p>}
    </>
  );
}
