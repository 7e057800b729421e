/** Go: what is started, or run at once, by the name of who does it. */

/** Methods that run the closure they get at once; others of such names start a goroutine for it. */
export const runsAtOnce = /^(Do|Range|View|Update)$/;

/**
 * Packages whose functions write into what they are given and close no writer below them, not even when what they have made
 * is closed: https://pkg.go.dev/compress/gzip#Writer.Close
 */
export const pipeWriters: ReadonlySet<string> = new Set(
  'io fmt bufio encoding/json encoding/csv encoding/gob encoding/xml encoding/base64 compress/gzip compress/zlib compress/flate archive/tar archive/zip mime/multipart text/template html/template'.split(
    ' ',
  ),
);

/** Functions that make two ends of a pipe: https://pkg.go.dev/io#Pipe */
export const pipeMakers = /^(create|new|open|make)?_?pipe/i;

/** The generated type of a stream of whoever asks: https://grpc.io/docs/languages/go/generated-code/ */
export const streamClients = /_\w+Client$/;

/** Methods that keep what they are given. */
export const keepsCalls = /^(Store|LoadOrStore|Swap|Set)$/;

/** Types whose `Wait` returns when a process has ended: https://pkg.go.dev/os/exec#Cmd.Wait, https://pkg.go.dev/os#Process.Wait */
export const processes: ReadonlySet<string> = new Set(['os/exec.Cmd', 'os.Process']);

/** Packages whose functions fail where the disk does: https://pkg.go.dev/os */
export const diskPackages: ReadonlySet<string> = new Set(['os', 'io/ioutil']);
