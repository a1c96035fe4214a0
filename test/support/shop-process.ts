import { startCompiled, startProgram, type RunningProgram } from './programs';

/** A shop in a process of its own. */
export interface ShopProcess {
  readonly url: string;
  readonly program: RunningProgram;
  /** Where its health and metrics are, as its banner says. */
  ops(): Promise<string>;
  /** Ends it as a power cut does to a process: nothing of it runs any more. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Asks it to stop (SIGTERM); its exit code, or the signal that ended it. */
  stop(): Promise<number | NodeJS.Signals>;
}

/** The line that says where the API is. */
export const API_LINE = /API +(http:\S+)\/api/;

/** The line that says where health and metrics are. */
export const HEALTH_LINE = /Health +(http:\S+)\/health/;

/** `main.ts` on the folder, as `npm start -- --no-demo` runs it. */
export const startMain = (folder: string, env: Readonly<Record<string, string>> = {}): RunningProgram =>
  startCompiled('src/main.js', ['--no-demo'], {
    env: { PORT: '0', HOST: '127.0.0.1', RATE_LIMITS: 'off', ...env, DATA_DIR: folder },
  });

/** The same, once it listens. */
export async function startShopProcess(folder: string): Promise<ShopProcess> {
  return listening(startMain(folder), API_LINE);
}

/** `run-shop.ts` on the folder. */
export const runShop = (folder: string, ...options: readonly string[]): RunningProgram =>
  startProgram('run-shop', [folder, ...options]);

/** Once it listens. */
export const shopListening = (program: RunningProgram): Promise<ShopProcess> =>
  listening(program, /^listening on (\S+)$/);

/** `run-shop.ts` on the folder, once it listens. */
export const startShopProgram = (folder: string, ...options: readonly string[]): Promise<ShopProcess> =>
  shopListening(runShop(folder, ...options));

/** Once it has printed where it listens. */
export async function listening(program: RunningProgram, where: RegExp): Promise<ShopProcess> {
  const [, url] = await program.said(where);
  return {
    url: url!,
    program,
    ops: async () => (await program.said(HEALTH_LINE))[1]!,
    async kill() {
      program.process.kill('SIGKILL');
      await program.ended();
    },
    async stop() {
      program.process.kill('SIGTERM');
      return program.ended();
    },
  };
}

/** The first admin, as the first start has printed it. */
export async function printedAdmin({ program }: ShopProcess): Promise<{ email: string; password: string }> {
  const [, email] = await program.said(/Admin +(\S+)/);
  const [, password] = await program.said(/Password +(\S+)/);
  return { email: email!, password: password! };
}
