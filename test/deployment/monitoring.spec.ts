import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { parse } from 'yaml';
import { Metrics } from '#src/kernel/telemetry/metrics';
import { SharedCache } from '#src/kernel/shared-cache';
import { shopMetrics } from '#src/app/shop-metrics';
import { compose, pathOf, textOf } from '../support/deployment';
import { startShop, type RunningShop } from '../support/shop-app';

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string };
}
interface Panel {
  readonly title: string;
  readonly description?: string;
  readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
}

const { groups } = parse(textOf('deploy', 'prometheus', 'alerts.yml')) as { groups: { rules: Alert[] }[] };
const alerts = groups.flatMap(({ rules }) => rules);
const { panels } = JSON.parse(textOf('deploy', 'grafana', 'dashboards', 'shop.json')) as { panels: Panel[] };

/** Names of metrics in an expression, of the families that Prometheus shows; `up` is its own. */
const metricsIn = (expr: string): string[] =>
  [...expr.matchAll(/\b(?:shop|http|health|process|nodejs|telemetry)_\w+/g)].map(([name]) =>
    name.replace(/_(bucket|sum|count)$/, ''),
  );

describe('the metrics that alerts and the dashboard are about', () => {
  let shop: RunningShop;
  let known: Set<string>;
  beforeAll(async () => {
    shop = await startShop(undefined, { RATE_LIMITS: '' });
    const metrics = new Metrics();
    const { feed, readModels, processes, servers } = shop.shop;
    const metered = {
      version: '0',
      role: 'all',
      health: { state: 'running' },
      store: servers.store,
      clockWatch: { aheadMs: 0 },
      cache: new SharedCache(1_000),
      leases: null,
    } as const;
    shopMetrics(metrics, { ...metered, feed, readModels, processes, relay: () => null });
    const ofTheServer = (await shop.shop.app.inject('/metrics')).body;
    const text = ofTheServer + (await metrics.text());
    metrics.onModuleDestroy();
    known = new Set([...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name = '']) => name));
  });
  afterAll(async () => {
    await shop.stop();
    rmSync(shop.folder, { recursive: true, force: true });
  });

  it.each(alerts.map(({ alert, expr }): [string, string] => [alert, expr]))('exist: %s', (_, expr) => {
    expect(metricsIn(expr).filter((name) => !known.has(name))).toEqual([]);
  });

  it('exist: the dashboard', () => {
    const exprs = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    expect(exprs.length).toBeGreaterThan(20);
    expect(exprs.flatMap(metricsIn).filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('the dashboard', () => {
  it('asks the data source that is provisioned', () => {
    const { datasources } = parse(textOf('deploy', 'grafana', 'provisioning', 'datasources', 'prometheus.yml')) as {
      datasources: { uid: string; url: string }[];
    };
    const asked = panels.flatMap(({ targets = [] }) => targets.map(({ datasource }) => datasource.uid));
    expect(new Set(asked)).toEqual(new Set(datasources.map(({ uid }) => uid)));
    for (const { url } of datasources) expect(compose.services).toHaveProperty(new URL(url).hostname);
  });

  it('says of every panel what it shows', () => {
    const mute = panels.filter(({ targets, description }) => targets && !description);
    expect(mute.map(({ title }) => title)).toEqual([]);
  });
});

describe('Prometheus', () => {
  it('asks every process of the shop', () => {
    const { scrape_configs: jobs } = parse(textOf('deploy', 'prometheus', 'prometheus.yml')) as {
      scrape_configs: { job_name: string; dns_sd_configs?: { names: string[]; port: number }[] }[];
    };
    const asked = jobs.flatMap(({ job_name, dns_sd_configs = [] }) =>
      dns_sd_configs.map(({ names, port }) => [job_name, ...names, port]),
    );
    const ofTheShop = Object.entries(compose.services).filter(([, { build }]) => build !== undefined);
    expect(asked.sort()).toEqual(ofTheShop.map(([name]) => [name, name, 3001]).sort());
  });

  it('has a test that fires each alert, and one that does not', () => {
    const { tests } = parse(textOf('deploy', 'prometheus', 'alerts.test.yml')) as {
      tests: { alert_rule_test: { alertname: string; exp_alerts?: unknown[] }[] }[];
    };
    const tested = tests.flatMap(({ alert_rule_test: checked }) => checked);
    const names = alerts.map(({ alert }) => alert).sort();
    const namesOf = (fires: boolean) =>
      tested.flatMap(({ alertname, exp_alerts: fired = [] }) => (fired.length > 0 === fires ? [alertname] : [])).sort();
    expect(namesOf(true)).toEqual(names);
    expect(namesOf(false)).toEqual(names);
  });

  const isThere = spawnSync('promtool', ['--version'], { stdio: 'ignore' }).status === 0;
  (isThere ? it : it.skip)(`passes them${isThere ? '' : ' (skipped: this machine has no promtool)'}`, () => {
    const folder = pathOf('deploy', 'prometheus');
    const run = spawnSync('promtool', ['test', 'rules', 'alerts.test.yml'], { cwd: folder, encoding: 'utf8' });
    expect([run.status, run.stderr]).toEqual([0, '']);
  });
});
