// Makes a user of the managed MongoDB who has one database, and prints where that service finds it, as a line for a
// shell. Asks DigitalOcean's API itself, because doctl has no option for the database of a user. Plain JavaScript
// without dependencies, as the doctor beside it.

/**
 * Where a service keeps its data: the cluster's own address with the service's user, password and database, and with
 * writes that a majority has on disk.
 *
 * @param {string} uri as doctl gives it, with the administrator in it
 * @param {{ name: string, password: string }} user
 */
function addressOf(uri, { name, password }) {
  const parts = /^(mongodb(?:\+srv)?:\/\/)(?:[^@/]*@)?([^/?]+)(?:\/[^?]*)?(?:\?(.*))?$/.exec(uri);
  if (!parts) throw new Error('doctl gives no address of a MongoDB');
  const [, scheme, hosts, query] = parts;
  const options = new URLSearchParams(query);
  // The users of a managed cluster are all kept there.
  options.set('authSource', 'admin');
  options.set('w', 'majority');
  options.set('journal', 'true');
  return `${scheme}${encodeURIComponent(name)}:${encodeURIComponent(password)}@${hosts}/${name}?${options}`;
}

/** What the API is asked for: it gives the password once, in its answer. */
function requestFor(service) {
  return { name: service, settings: { mongo_user_settings: { databases: [service], role: 'readWrite' } } };
}

async function main() {
  const [service] = process.argv.slice(2);
  // Task knows which services have a database.
  if (!service) throw new Error('Say for which service: task do:mongo:user SERVICE=tickets');
  const { DIGITALOCEAN_ACCESS_TOKEN, DIGITALOCEAN_API_URL = 'https://api.digitalocean.com', ID, URI } = process.env;
  if (!(DIGITALOCEAN_ACCESS_TOKEN && ID && URI))
    throw new Error('ID, URI and DIGITALOCEAN_ACCESS_TOKEN have to be set: task do:mongo:user');
  const answer = await fetch(`${DIGITALOCEAN_API_URL}/v2/databases/${ID}/users`, {
    method: 'POST',
    headers: { authorization: `Bearer ${DIGITALOCEAN_ACCESS_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(requestFor(service)),
    signal: AbortSignal.timeout(30_000),
  });
  if (!answer.ok) throw new Error(`DigitalOcean answers ${answer.status}: ${await answer.text()}`);
  const { user } = await answer.json();
  if (!user?.password) throw new Error('DigitalOcean gives no password: is there a user of this name already?');
  console.log(`export ${service.toUpperCase()}_MONGO_URL='${addressOf(URI, user)}'`);
}

if (import.meta.main ?? process.argv[1] === import.meta.filename) {
  await main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
