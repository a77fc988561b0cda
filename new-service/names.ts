/** What a new service and the thing it keeps are called, in all the ways that sources need. */
export interface Names {
  /** `reviews` */
  readonly service: string;
  /** `Reviews` */
  readonly Service: string;
  /** `review`, the file of that name and the first word of its events */
  readonly thing: string;
  /** `Review` */
  readonly Thing: string;
}

/** One word: it becomes a part of file names, of subjects, of host names and of environment variables. */
const serviceShape = /^[a-z]{2,30}$/;
const thingShape = /^[a-z]+(-[a-z]+)*$/;

/**
 * Without a name for the thing it is the service's in the singular. @returns what is wrong with a name, as a sentence
 */
export function namesOf(service: string, thing = singular(service)): Names | string {
  if (!serviceShape.test(service))
    return `A service is called by one word in small letters, such as reviews, not "${service}".`;
  if (!thingShape.test(thing)) return `What it keeps is called such as review or seat-plan, not "${thing}".`;
  if (thing === service) return `What does ${service} keep? Say it with --thing NAME.`;
  return { service, Service: camel(service), thing, Thing: camel(thing) };
}

const singular = (plural: string) => plural.replace(/ies$/, 'y').replace(/s$/, '');

const camel = (name: string) => name.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
