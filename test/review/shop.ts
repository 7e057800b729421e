import { writeBaseline } from '../../src/analysis/baseline.ts';
import { Workspace, type WorkspaceOptions } from '../../src/analysis/workspace.ts';
import { LineIndex } from '../../src/core/text-position.ts';
import { startEngine } from '../../src/host/engine.ts';
import type { AnswerEntry, Names, ReviewDocument, ServiceEntry } from '../../src/review/document.ts';
import { documentOf } from '../../src/review/document.ts';

const parser = await startEngine();

/** A Deployment called `name`, whose container runs the image of the same name. */
export function deployment(name: string, resources: string, extra = ''): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  template:
    spec:
      containers:
        - name: ${name}
          image: registry.example.org/shop/${name}:1
${extra}          resources:
${resources}`;
}

export const LIMITED = '            limits: {memory: 256Mi}\n            requests: {memory: 256Mi}\n';

/** A service that keeps all it has seen, and one map that is swept. */
export const GROWS = `package main

import "net/http"

var seen = map[string]int{}
var open = map[string]int{}

func handle(w http.ResponseWriter, r *http.Request) {
	seen[r.URL.Path]++
	open[r.URL.Path]++
	delete(open, r.URL.Path)
}

func main() {
	ring := make([]byte, 64<<20)
	http.HandleFunc("/", handle)
	http.ListenAndServe(":8080", nil)
	_ = ring
}
`;

/** The same with nothing that grows. */
export const SWEPT = GROWS.replace('\tseen[r.URL.Path]++\n', '').replace('var seen = map[string]int{}\n', '');

export const GO_MOD = 'module example.org/shop\n\ngo 1.22\n';

/** The review of some files as plain data, with names below `/w`. */
export function review(
  files: Readonly<Record<string, string>>,
  options: Omit<WorkspaceOptions, 'parser'> = {},
): ReviewDocument {
  const workspace = new Workspace({ parser, throwRuleErrors: true, ...options });
  for (const [file, text] of Object.entries(files)) workspace.setText(`/w/${file}`, text);
  return documentOf(workspace.review(), namesOf(workspace));
}

/** A baseline that accepts everything that is found in the files. */
export function baselineOf(files: Readonly<Record<string, string>>): string {
  const workspace = new Workspace({ parser });
  for (const [file, text] of Object.entries(files)) workspace.setText(`/w/${file}`, text);
  return writeBaseline('/w/headroom-baseline.json', workspace.check().findings, (file) =>
    workspace.text(file),
  );
}

function namesOf(workspace: Workspace): Names {
  return {
    spot: ({ file, span }) => ({
      file: file.replace(/^\/w\//, ''),
      ...new LineIndex(workspace.text(file)).position(span.start),
    }),
    text: ({ file, span }) => workspace.text(file).slice(span.start, span.end),
  };
}

/** An answer of the only service, or of the one that is named. */
export function answer(document: ReviewDocument, id: AnswerEntry['id'], service?: string): AnswerEntry {
  return answerOf(serviceOf(document, service), id);
}

export function answerOf(part: Pick<ServiceEntry, 'checklist'>, id: AnswerEntry['id']): AnswerEntry {
  const found = part.checklist.find((a) => a.id === id);
  if (!found) throw new Error(`${id} is not asked: ${part.checklist.map((a) => a.id).join(', ')}`);
  return found;
}

export function serviceOf(document: ReviewDocument, name?: string): ServiceEntry {
  const found = name === undefined ? document.services[0] : document.services.find((s) => s.name === name);
  if (!found) throw new Error(`no service: ${document.services.map((s) => s.name).join(', ')}`);
  return found;
}
