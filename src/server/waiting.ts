import { type CancellationToken, type Disposable, LSPErrorCodes, ResponseError } from 'vscode-languageserver';

/** Waits for `work`, or throws what a cancelled request answers. */
export async function unlessCancelled<T>(work: Promise<T>, token?: CancellationToken): Promise<T> {
  let listening: Disposable | undefined;
  const cancelled = new Promise<void>((resolve) => {
    listening = token?.onCancellationRequested(() => resolve());
  });
  try {
    await Promise.race([work, cancelled]);
  } finally {
    listening?.dispose();
  }
  if (token?.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
  return work;
}

/** Waits so long, unless the request is cancelled. */
export function pause(milliseconds: number, token?: CancellationToken): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  return token ? unlessCancelled(over, token).finally(() => clearTimeout(timer)) : over;
}
