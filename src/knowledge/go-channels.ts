/** Go: what is started, or run at once, by the name of who does it. */

/** Methods that run the closure they get at once; others of such names start a goroutine for it. */
export const runsAtOnce = /^(Do|Range|View|Update)$/;

/** Functions that make two ends of a pipe: https://pkg.go.dev/io#Pipe */
export const pipeMakers = /^(create|new|open|make)?_?pipe/i;

/** The generated type of a stream of whoever asks: https://grpc.io/docs/languages/go/generated-code/ */
export const streamClients = /_\w+Client$/;

/** Methods that keep what they are given. */
export const keepsCalls = /^(Store|LoadOrStore|Swap|Set)$/;
