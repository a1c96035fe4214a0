/** A program: prints the reference of the compiled shop, as `GET /docs-json` gives it. Nothing listens, and nothing is left behind. */
import 'reflect-metadata';
import { rmSync } from 'node:fs';
import { docs } from '#src/app/docs';
import { openShop } from '#src/app/open-shop';
import { loadConfig } from '#src/config';
import { documentOf } from '#src/kernel/http/openapi';
import { tempFolder } from './temp-folder';

async function main(): Promise<void> {
  const folder = tempFolder();
  const config = loadConfig({ DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'error' }, ['--no-demo']);
  const shop = await openShop(config);
  process.stdout.write(JSON.stringify(documentOf(shop.app, docs, config.publicUrl)));
  await shop.stop();
  rmSync(folder, { recursive: true });
}

void main();
