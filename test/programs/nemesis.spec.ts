import { Random } from '../support/random';
import { checks, describeViolation } from '../support/nemesis/conservation';
import { DeployedTarget } from '../support/nemesis/deployed-target';
import { EmbeddedTarget } from '../support/nemesis/embedded-target';
import { letLoose, type NemesisReport } from '../support/nemesis/nemesis';
import type { Target } from '../support/nemesis/target';
import { addressOf, describeOn } from '../support/servers/real-servers';

/** `NEMESIS_SEED=…` lets other things happen; `npm run chaos` does so for hours. */
const seed = Number(process.env['NEMESIS_SEED'] ?? 20_260_131);

jest.setTimeout(600_000);

/** One test for each check, after so many orders. */
function holdsOn(orders: number, shape: 'embedded' | 'deployed', start: () => Promise<Target>): void {
  let target: Target | null = null;
  let report: NemesisReport;

  beforeAll(async () => {
    target = await start();
    const heard: string[] = [];
    report = await letLoose(target, { seed, orders, says: (line) => heard.push(line) });
    const again = `npm run chaos -- --seed=${seed} --shape=${shape} --orders=${orders}`;
    const told = report.violations.length > 0 ? [...heard, ...report.violations.map(describeViolation)] : [];
    console.log([`${again}`, ...target.leftOut.map((what) => `LEFT OUT: ${what}`), ...told, report.summary].join('\n'));
  });

  afterAll(() => target?.remove());

  it.each(Object.keys(checks))('under a nemesis: %s', (check) => {
    expect(report.violations.filter((violation) => violation.check === check).map(({ found }) => found)).toEqual([]);
  });
}

describe('600 orders in one process that is locked, stopped, killed, short of room and wrong about the time', () => {
  holdsOn(600, 'embedded', () => EmbeddedTarget.start());
});

describeOn(['mongodb'], '100 orders on servers that refuse, stall, lose replies and go away', () => {
  holdsOn(100, 'deployed', () => DeployedTarget.start(addressOf('mongodb'), new Random(seed)));
});
