import 'reflect-metadata';
import { start } from '#src/app/start';

// The projections alone, in a process of their own: a role that works on shared servers.
void start({ ...process.env, ROLE: 'projections' }, process.argv.slice(2));
