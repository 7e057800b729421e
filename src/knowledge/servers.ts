/** What serves connections, and what it starts for each of them by itself. */

export interface ServerRow {
  /** What a person calls it. */
  readonly by: string;
  /** What it starts, after "starts". */
  readonly starts: string;
  /** What each of them takes at least, where it was measured or is written in its source. */
  readonly each?: string;
}

/** Go functions and methods that begin to serve, by import path. */
export const goServers: Readonly<Record<string, ServerRow & { readonly names: readonly string[] }>> = {
  // https://pkg.go.dev/google.golang.org/grpc#WriteBufferSize: 32 KiB to read, twice 32 KiB to write.
  'google.golang.org/grpc': {
    by: 'grpc-go',
    starts: 'a goroutine per call',
    each: 'a connection takes about 96 KiB of buffers in grpc-go, and a call may receive 4 MiB',
    names: ['NewServer'],
  },
  // Measured with Go 1.19: 4 KiB to read, 4 KiB to write, and stacks.
  'net/http': {
    by: 'net/http',
    starts: 'a goroutine per connection',
    each: 'an idle connection takes about 15.8 KiB in net/http',
    names: ['ListenAndServe', 'ListenAndServeTLS', 'Serve', 'ServeTLS'],
  },
};

/** Go functions that limit how many connections there are, by import path. */
export const goConnectionLimits: Readonly<Record<string, string>> = {
  'golang.org/x/net/netutil': 'LimitListener',
};

const perConnection = (by: string): ServerRow => ({ by, starts: 'a task per connection' });

/** Rust functions that begin to serve, by the ends of their paths. */
export const rustServers: Readonly<Record<string, ServerRow>> = {
  'axum::serve': perConnection('axum'),
  'axum::Server::bind': perConnection('axum'),
  'axum_server::bind': perConnection('axum-server'),
  'hyper::Server::bind': perConnection('hyper'),
  'warp::serve': perConnection('warp'),
  'tonic::transport::Server::builder': perConnection('tonic'),
};
