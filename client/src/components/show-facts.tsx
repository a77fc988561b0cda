import type { ShowAnswer } from '@box-office/common/contracts/shows';
import { TimeFact } from './when.tsx';

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
        <TimeFact name="Starts" at={startsAt} timeZone={timeZone} />
        <TimeFact name="Ends" at={endsAt} timeZone={timeZone} />
      </dl>
      {description && <p className="description">{description}</p>}
    </>
  );
}
