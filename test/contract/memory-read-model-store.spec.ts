import { join } from 'node:path';
import { MemoryReadModelStore } from '#src/kernel/read-models/memory/memory-read-model-store';
import { tempFolderOfThisFile } from '../support/temp-folder';
import { readModelStoreContract } from './read-model-store.contract';

const folder = tempFolderOfThisFile();
let files = 0;
const newFile = (): string => join(folder, `read-models-${++files}.db`);

readModelStoreContract('memory', async () => new MemoryReadModelStore({ file: null }));
readModelStoreContract('memory, kept in a file', async () => new MemoryReadModelStore({ file: newFile() }));
