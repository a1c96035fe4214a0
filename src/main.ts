import 'reflect-metadata';
import { start } from './app/start';

void start(process.env, process.argv.slice(2));
