/** Of the page. The colours of series are told apart by people who see few colours (after Okabe and Ito). */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --card: #f6f7f9; --ink: #1d2330; --muted: #7d8595; --faint: #d9dde4; --accent: #0067a8;
  --series-0: #0072b2; --series-1: #e69f00; --series-2: #009e73; --series-3: #cc79a7;
  --series-4: #56b4e9; --series-5: #d55e00; --series-6: #8a7a00; --series-7: #8d8d99;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171d; --card: #1d222b; --ink: #e6e9ef; --muted: #98a1b2; --faint: #38404d; --accent: #6cb8ee;
    --series-0: #3d9fdb; --series-1: #f0b32e; --series-2: #2bbd92; --series-3: #dc95bd;
    --series-4: #8accf3; --series-5: #ec7d33; --series-6: #c9b72e; --series-7: #a5a5b3;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 64rem;
  font: 1rem/1.5 system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', 'Liberation Sans', Arial, sans-serif;
  color: var(--ink); background: var(--paper);
}
h1 { margin: 0 0 .25rem; font-size: 2rem; line-height: 1.2; }
h2 { margin: 3rem 0 .25rem; font-size: 1.4rem; }
p { margin: .25rem 0 1rem; max-width: 46rem; }
.quiet, figcaption span { color: var(--muted); }
.about { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1.25rem; margin: 1rem 0 1.5rem; }
.about dt { color: var(--muted); }
.about dd { margin: 0; overflow-wrap: anywhere; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: .75rem; margin: 0; padding: 0; list-style: none; }
.cards li { padding: .9rem 1rem; border-radius: .5rem; background: var(--card); }
.cards b { display: block; font-size: 1.5rem; line-height: 1.25; font-weight: 650; font-variant-numeric: tabular-nums; }
.cards span { display: block; color: var(--muted); font-size: .9rem; }
figure { margin: 1.25rem 0 .5rem; }
figcaption { font-weight: 600; }
.plot { overflow-x: auto; }
.plot svg { display: block; width: 100%; min-width: 40rem; height: auto; }
.legend { display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; margin: .35rem 0; padding: 0; list-style: none; font-size: .9rem; }
.legend i { display: inline-block; width: .75rem; height: .75rem; margin-right: .4rem; border-radius: .15rem; }
.s0 { background: var(--series-0); } .s1 { background: var(--series-1); } .s2 { background: var(--series-2); }
.s3 { background: var(--series-3); } .s4 { background: var(--series-4); } .s5 { background: var(--series-5); }
.s6 { background: var(--series-6); } .s7 { background: var(--series-7); }
details { margin: .25rem 0 1.5rem; }
summary { cursor: pointer; color: var(--accent); }
.table { overflow-x: auto; }
table { margin: .5rem 0; border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
caption { padding: .25rem 0; text-align: left; color: var(--muted); }
th, td { padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--faint); text-align: left; vertical-align: top; }
th.number, td.number { text-align: right; white-space: nowrap; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--faint); font-size: .9rem; color: var(--muted); }
@media print {
  :root {
    color-scheme: light;
    --paper: #ffffff; --card: #f6f7f9; --ink: #000000; --muted: #555b66; --faint: #cfd3da;
    --series-0: #0072b2; --series-1: #e69f00; --series-2: #009e73; --series-3: #cc79a7;
    --series-4: #56b4e9; --series-5: #d55e00; --series-6: #8a7a00; --series-7: #8d8d99;
  }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { padding: 0; font-size: 10pt; max-width: none; }
  h2 { break-after: avoid; }
  figure, .cards li, tr { break-inside: avoid; }
  .plot svg { min-width: 0; }
  details:not([open]) { display: none; }
}
`;
