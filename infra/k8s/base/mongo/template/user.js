// mongosh runs this as root at every start of the server. The service's user may read and write its own database,
// create indexes there, and nothing else. The console's may read it, where there is a console. A changed password takes
// effect with the next start.
// biome-ignore lint/nursery/noFloatingPromises: mongosh waits for the value of the script, and fails with it.
(async () => {
  const { SERVICE_USER, SERVICE_PASSWORD, READER_PASSWORD } = process.env;
  const own = db.getSiblingDB(SERVICE_USER);
  const isThere = async (name) => (await own.runCommand({ usersInfo: name })).users.length > 0;
  const put = async (name, pwd, role) => {
    const wanted = { pwd, roles: [{ role, db: SERVICE_USER }] };
    await own.runCommand((await isThere(name)) ? { updateUser: name, ...wanted } : { createUser: name, ...wanted });
  };
  await put(SERVICE_USER, SERVICE_PASSWORD, 'readWrite');
  if (READER_PASSWORD) await put('console', READER_PASSWORD, 'read');
  else if (await isThere('console')) await own.runCommand({ dropUser: 'console' });
})();
