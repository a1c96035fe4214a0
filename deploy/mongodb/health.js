// Healthy: this node takes writes. Makes the replica set of one where there is none yet, which needs a running server.
const password = encodeURIComponent(process.env.MONGO_INITDB_ROOT_PASSWORD);
const admin = connect(`mongodb://root:${password}@127.0.0.1:27017/admin?directConnection=true`);
const { setName, isWritablePrimary } = admin.hello();
if (!setName) {
  const members = [{ _id: 0, host: 'mongodb:27017' }];
  admin.runCommand({ replSetInitiate: { _id: 'rs0', members } });
}
quit(setName && isWritablePrimary ? 0 : 1);
