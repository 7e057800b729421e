// What Headroom's client and server say to each other beyond the protocol's own words.

/** Sent by a client as `initializationOptions`; every field may be missing. */
export interface InitializationOptions {
  /** Address to which `rules/<id>` or `myths/<id>` is appended, for clients that show the bundled pages themselves. */
  readonly pages?: string;
  /** The client implements `headroom.explain` itself. */
  readonly explains?: boolean;
  /** The client shows the findings at a place together with the hover. */
  readonly showsFindings?: boolean;
  /** The client completes `headroom.yaml` from its schema by itself. */
  readonly completes?: boolean;
  /** The client implements `headroom.showPlaces`, which lenses call. */
  readonly showsPlaces?: boolean;
  /** The client wants `headroom/status`. */
  readonly status?: boolean;
  /** Settings for clients without `workspace/configuration`; as the `headroom` section. */
  readonly settings?: unknown;
}

/** `source` of every diagnostic, and the section of the settings. */
export const SOURCE = 'headroom';

export const STATUS = 'headroom/status';

export interface Status {
  /** `cancelled`: a person stopped the first look; what was found until then stays. */
  readonly state: 'scanning' | 'ready' | 'failed' | 'cancelled';
  /** Findings in the whole workspace. */
  readonly findings: number;
  /** Files with at least one finding. */
  readonly filesWithFindings: number;
  /** Those of them that are errors or warnings. */
  readonly grave: number;
  /** Files Headroom has read. */
  readonly files: number;
  /** While scanning: what is being done, and how much of it. Files are read, packages are reviewed. */
  readonly step?: 'reading' | 'reviewing';
  readonly done?: number;
  readonly total?: number;
  /** Why the state is `failed`. */
  readonly reason?: string;
}

/** How far the first look at a workspace is, and what it has found. */
export function progressText({
  step,
  done = 0,
  total,
  filesWithFindings: found,
}: Pick<Status, 'step' | 'done' | 'total' | 'filesWithFindings'>): string {
  if (total === undefined) return 'reading the workspace';
  const does =
    step === 'reviewing' ? `reviewing ${done} of ${total} packages` : `reading ${done} of ${total} files`;
  return `${does}, ${found === 0 ? 'no findings' : `findings in ${found} file${found === 1 ? '' : 's'}`} so far`;
}

/** A request without parameters: the baselines that accept every finding there is now, for the client to write. */
export const ACCEPT = 'headroom/accept';

export interface AcceptedFile {
  readonly uri: string;
  readonly text: string;
  /** How many findings it accepts. */
  readonly findings: number;
}

export const EXPLAIN = 'headroom.explain';

/** Command of a lens: an address, a position in it, and the locations to show from there. */
export const SHOW_PLACES = 'headroom.showPlaces';

/** A request without parameters: the review of the services, as a `ReviewDocument` with addresses. */
export const REVIEW = 'headroom/review';

/** A request with `ReportParams`: the review as a text. */
export const REPORT = 'headroom/report';

export interface ReportParams {
  /** `panel`: HTML whose links are commands of the client. */
  readonly format: 'panel' | 'html' | 'markdown';
  /** Id of the only service that it is about. */
  readonly service?: string;
  /** What a panel offers to do with the report. */
  readonly actions?: readonly {
    readonly title: string;
    readonly command: string;
    readonly arguments: readonly unknown[];
  }[];
}

/** Command of a place in a panel: an address, a line and a character, both from 0. */
export const OPEN_PLACE = 'headroom.openPlace';

/** Command of a link to a bundled page: its path, such as `/rules/go/hot-copy`. */
export const PAGE = 'headroom.page';

/** Requests about folders on no disk: the addresses of all files below them, and the content of some files. */
export const LIST = 'headroom/list';
export const READ = 'headroom/read';

/** What is asked for. */
export interface Uris {
  readonly uris: readonly string[];
}

/** An answer to `READ`; there is none for a file that is not there or cannot be read. */
export interface GivenContent {
  readonly uri: string;
  /** As base64 to a process, which gets messages as text. */
  readonly content: Uint8Array | string;
}

/** The first message to a server in a browser's worker, before the protocol begins. */
export interface BrowserStart {
  /** The `.wasm` files of the extension by name. */
  readonly grammars: Readonly<Record<'runtime' | 'rust' | 'go' | 'flatten', Uint8Array>>;
  /** The text of the schema of `headroom.yaml`. */
  readonly schema: string;
}
