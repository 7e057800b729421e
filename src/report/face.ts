import type { Spot } from '../review/document.ts';

/** How a face of the report links: a file has no editor behind it, a panel has commands. */
export interface ReportFace {
  /** Where a click on a place leads; undefined for a place that is only named. */
  place(spot: Spot): string | undefined;
  /** Where a page of a rule or of the handbook is. */
  page(address: string): string;
  /** Addresses for actions on the report itself, such as to export it; none in a file. */
  readonly actions?: readonly { readonly title: string; readonly href: string }[];
}

/** Links to places by a template with `{file}` and `{line}`; no template, no links. */
export function fileFace(template: string | undefined): ReportFace {
  return {
    place: ({ file, line }) =>
      template
        ?.replaceAll('{file}', file.split('/').map(encodeURIComponent).join('/'))
        .replaceAll('{line}', String(line)),
    page: (address) => address,
  };
}
