// Run once by the image, on an empty volume: each of the shop's connection strings opens its own database and nothing else.
const users = db.getSiblingDB('admin');
for (const [user, database, password] of [
  ['shop', 'chronocart', process.env.SHOP_PASSWORD],
  ['keys', 'chronocart-keys', process.env.KEYS_PASSWORD],
])
  users.createUser({ user, pwd: password, roles: [{ role: 'readWrite', db: database }] });
