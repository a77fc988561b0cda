#!/bin/bash
# Runs beside the server after the container's start, while the server may still be creating its root user.
set -eu
: "${SERVICE_USER:?is not in the Secret of this database}" "${SERVICE_PASSWORD:?is not in the Secret of this database}"
for attempt in {1..150}; do
  mongosh --quiet --host localhost --tls --tlsCAFile /etc/mongo-tls/ca.pem --authenticationDatabase admin \
    --username "$MONGO_INITDB_ROOT_USERNAME" --password "$MONGO_INITDB_ROOT_PASSWORD" admin /etc/mongo-user/user.js && exit
  sleep 2
done
echo "The user $SERVICE_USER could not be created." >&2
exit 1
