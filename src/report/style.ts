/**
 * The look of the report. In VS Code the theme gives the colours, high contrast included; a file of its own follows what
 * the reader's system prefers. What it says is never told by colour alone.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --back: var(--vscode-editor-background, #ffffff);
  --text: var(--vscode-foreground, #1f2328);
  --faint: var(--vscode-descriptionForeground, #59636e);
  --line: var(--vscode-contrastBorder, var(--vscode-panel-border, #d1d9e0));
  --link: var(--vscode-textLink-foreground, #0759b5);
  --code: var(--vscode-textPreformat-background, #eef1f4);
  --code-text: var(--vscode-textPreformat-foreground, var(--text));
  --focus: var(--vscode-focusBorder, #0759b5);
  --no: var(--vscode-errorForeground, #b3261e);
  --warn: var(--vscode-editorWarning-foreground, #8a5a00);
  --yes: var(--vscode-testing-iconPassed, #1a7f37);
  --one: var(--vscode-charts-blue, #2563b0);
  --two: var(--vscode-charts-orange, #b26200);
  --three: var(--vscode-charts-green, #2e7d4f);
  --four: var(--vscode-charts-purple, #7446a8);
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: var(--vscode-editor-background, #16191d);
    --text: var(--vscode-foreground, #e3e6ea);
    --faint: var(--vscode-descriptionForeground, #a3acb6);
    --line: var(--vscode-contrastBorder, var(--vscode-panel-border, #3a414a));
    --link: var(--vscode-textLink-foreground, #76b3ff);
    --code: var(--vscode-textPreformat-background, #262b31);
    --focus: var(--vscode-focusBorder, #76b3ff);
    --no: var(--vscode-errorForeground, #ff8a80);
    --warn: var(--vscode-editorWarning-foreground, #e6b450);
    --yes: var(--vscode-testing-iconPassed, #6fcf8a);
    --one: var(--vscode-charts-blue, #5c9ee8);
    --two: var(--vscode-charts-orange, #e09a4b);
    --three: var(--vscode-charts-green, #67b686);
    --four: var(--vscode-charts-purple, #b08be0);
  }
}
* { box-sizing: border-box; }
html { background: var(--back); }
body {
  margin: 0;
  padding: 0;
  background: var(--back);
  color: var(--text);
  font: var(--vscode-font-weight, normal) 14px/1.5 var(--vscode-font-family, system-ui, sans-serif);
}
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.35rem; line-height: 1.25; margin: 2.5rem 0 .25rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
h4 { font-size: 1rem; font-weight: 600; margin: 1.25rem 0 .15rem; }
p { margin: .25rem 0 .5rem; }
.lead { font-size: 1.05rem; color: var(--faint); }
.note, .fix { color: var(--faint); font-size: .93em; }
.actions a { margin-right: 1.25rem; }
a { color: var(--link); text-decoration: none; }
p:not(.actions) > a:not(.place) { text-decoration: underline; }
a:hover { text-decoration: underline; }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
code, .place { font-family: var(--vscode-editor-font-family, ui-monospace), SFMono-Regular, Menlo, Consolas, monospace; font-size: .92em; }
code { background: var(--code); color: var(--code-text); padding: .05em .3em; border-radius: 3px; }
code.place { background: none; color: var(--faint); padding: 0; }
.place { overflow-wrap: anywhere; }
h4 .place { font-weight: normal; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--faint); font-weight: 600; }
.items { table-layout: fixed; }
.items th:nth-child(1) { width: 11%; }
.items th:nth-child(2) { width: 18%; }
.items th:nth-child(3) { width: 41%; }
.items .place { display: block; }
td.number { white-space: nowrap; font-variant-numeric: tabular-nums; }
.count { white-space: nowrap; margin-right: .75em; }
.count.no, .answer.no .status { color: var(--no); }
.count.yes, .answer.yes .status { color: var(--yes); }
.count.unknown, .answer.unknown .status { color: var(--faint); }
ul, ol { padding-left: 2rem; margin: .25rem 0; }
ul.plain, ul.findings, ul.evidence, ul.related, ul.legend { list-style: none; padding-left: 0; }
.steps li { padding: .25rem 0; }
.risk {
  display: inline-block; margin-right: .6em; padding: 0 .5em; border: 1px solid currentcolor; border-radius: 3px;
  font-size: .86em; white-space: nowrap; color: var(--faint);
}
.risk.fails, .risk.unbounded, .risk.node { color: var(--no); font-weight: 600; }
.risk.bytes { color: var(--warn); }
.checklist { margin: 0; }
.answer { padding: .5rem 0; border-bottom: 1px solid var(--line); break-inside: avoid; }
.answer dt { font-weight: 600; }
.answer dd { margin: .1rem 0 0 6.5rem; }
.status { display: inline-block; width: 6.5rem; font-weight: 700; }
.evidence li, .related li { padding: .1rem 0 .1rem .9rem; text-indent: -.9rem; }
.evidence li::before, .related li::before { content: "–"; color: var(--faint); display: inline-block; width: .9rem; text-indent: 0; }
.findings li { break-inside: avoid; }
.findings > li { display: grid; grid-template-columns: 7.5rem minmax(0, 1fr); padding: .4rem 0; border-bottom: 1px solid var(--line); }
.severity { font-weight: 600; color: var(--faint); }
.error .severity { color: var(--no); }
.warning .severity { color: var(--warn); }
.rule { white-space: nowrap; font-size: .92em; }
summary { cursor: pointer; color: var(--link); margin: .3rem 0; }
.ledger { margin: .25rem 0 .5rem; }
.ledger > svg { width: 100%; max-width: 56rem; height: auto; display: block; }
.ledger text { fill: var(--text); font-size: 12px; font-family: var(--vscode-font-family, system-ui, sans-serif); }
.part { stroke: var(--text); stroke-width: .75; }
.part.committed { fill: var(--one); }
.ground-filled { fill: var(--two); fill-opacity: .3; }
.ink { stroke: var(--two); stroke-width: 5; }
.ground-tmpfs { fill: var(--three); fill-opacity: .35; }
.dot { fill: var(--text); }
.ink-pacing { stroke: var(--four); stroke-width: 2; }
.part.pacing { stroke-dasharray: 3 2; }
.part.reserved { fill: none; stroke: var(--faint); stroke-width: 1; stroke-dasharray: 4 3; }
.axis { stroke: var(--faint); stroke-width: 1; }
.open path { fill: none; stroke: var(--no); stroke-width: 2; }
.arrow { color: var(--no); }
.mark line { stroke: var(--text); stroke-width: 2; }
.mark.request line { stroke-width: 1.5; stroke-dasharray: 5 3; }
.mark.measured line { stroke-width: 1.5; stroke-dasharray: 1 3; stroke-linecap: round; }
.mark.over line { stroke: var(--no); stroke-width: 3; }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.25rem; font-size: .9em; color: var(--faint); }
.legend b { color: var(--text); font-weight: 600; white-space: nowrap; }
.swatch { width: .95em; height: .95em; vertical-align: -.1em; margin-right: .35em; }
@media (max-width: 40rem) {
  .answer dd { margin-left: 0; }
  .findings > li { grid-template-columns: 1fr; }
}
@page { margin: 14mm 13mm; }
@media print {
  :root {
    color-scheme: light;
    --back: #fff; --text: #000; --faint: #444; --line: #bbb; --link: #000; --code: #eee;
    --no: #a00; --warn: #740; --yes: #060; --one: #2563b0; --two: #b26200; --three: #2e7d4f; --four: #7446a8;
  }
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  nav, .actions { break-after: avoid; }
  section + section { break-before: page; }
  section + section h2 { margin-top: 0; border-top: none; }
  h2, h3, h4, h4 + p, summary { break-after: avoid; }
  h2, h3, h4, figure, tr, .steps li { break-inside: avoid; }
  p, li { orphans: 3; widows: 3; }
  summary { color: var(--faint); list-style: none; }
  summary::-webkit-details-marker { display: none; }
  svg, .part { print-color-adjust: exact; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
`;
