#!/bin/bash
# Members of a replica set prove themselves to each other with a key that nobody but mongod may read. This one is alone, so its
# key is drawn here; members on several machines need the same one (docs/operations.md).
set -eu
key=/data/configdb/replica-set.key
if [ ! -s "$key" ]; then
  umask 077
  head -c 512 /dev/urandom | base64 --wrap=0 >"$key"
  chown mongodb:mongodb "$key"
fi
exec docker-entrypoint.sh mongod --replSet rs0 --keyFile "$key" --bind_ip_all --wiredTigerCacheSizeGB 0.5
