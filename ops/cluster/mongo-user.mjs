// Creates a user of the managed MongoDB with access to one database, and prints the service's MONGO_URL as a line for a
// shell. Uses DigitalOcean's API directly, because doctl cannot limit a user to a database. Plain JavaScript without
// dependencies, like doctor.mjs.

/**
 * The cluster's URI with the service's user, password and database, and with journaled majority writes.
 *
 * @param {string} uri from doctl, with the administrator's credentials
 * @param {{ name: string, password: string }} user
 */
function addressOf(uri, { name, password }) {
  const parts = /^(mongodb(?:\+srv)?:\/\/)(?:[^@/]*@)?([^/?]+)(?:\/[^?]*)?(?:\?(.*))?$/.exec(uri);
  if (!parts) throw new Error('doctl gives no address of a MongoDB');
  const [, scheme, hosts, query] = parts;
  const options = new URLSearchParams(query);
  // All users of a managed cluster are stored there.
  options.set('authSource', 'admin');
  options.set('w', 'majority');
  options.set('journal', 'true');
  return `${scheme}${encodeURIComponent(name)}:${encodeURIComponent(password)}@${hosts}/${name}?${options}`;
}

/** The request: only its answer contains the password. */
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
