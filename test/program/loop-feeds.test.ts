import { describe, expect, test } from 'vitest';
import { Phases } from '../../src/program/phases/phases.ts';
import { type Files, functionNamed, go, programOf, rust } from './build.ts';

/** Who brings what the loop waits for that calls `work`. */
function feeder(files: Files): string {
  const program = programOf(files);
  const { request, likely } = Phases.of(program).of(functionNamed(program, 'work'));
  const evidence = request ?? likely;
  return evidence?.loop ? (evidence.own ? 'own' : 'peers') : 'no loop';
}

describe('who feeds a loop of Go', () => {
  test.each([
    ['a listener', 'func s(l net.Listener) { for { c, _ := l.Accept(); _ = c; work() } }', 'peers'],
    ['a socket', 'func s(c *net.UDPConn, b []byte) { for { c.ReadFromUDP(b); work() } }', 'peers'],
    ['a broker', 'func s(r *Reader, ctx context.Context) { for { r.FetchMessage(ctx); work() } }', 'peers'],
    [
      'the channel of a library',
      'func s(c Client) { in, _ := c.Consume("jobs"); for { <-in; work() } }',
      'peers',
    ],
    [
      'its arm of a select',
      'func s(c Client, t *time.Ticker) { for { select { case <-t.C: work(); case <-c.Messages(): } } }',
      'own',
    ],
    ['a channel of its own', 'func s(c chan int) { for { <-c; work() } }', 'own'],
    ['a ticker', 'func s() { for range time.Tick(time.Second) { work() } }', 'own'],
    [
      'a channel a function of the program gives',
      'type src struct{}\nfunc (src) Jobs() chan int { return nil }\nfunc s(q src) { for { <-q.Jobs(); work() } }',
      'own',
    ],
  ])('%s', (_, by, expected) => {
    expect(feeder(go(`func work() {}\n${by}`))).toBe(expected);
  });
});

describe('who feeds a loop of Rust', () => {
  test.each([
    ['a listener', 'async fn s(l: TcpListener) { loop { l.accept().await.unwrap(); work(); } }', 'peers'],
    [
      'a datagram socket',
      'async fn s(u: UdpSocket, b: &mut [u8]) { loop { u.recv_from(b).await; work(); } }',
      'peers',
    ],
    [
      'a stream of connections',
      'async fn s(mut incoming: Incoming) { while let Some(c) = incoming.next().await { work(); } }',
      'peers',
    ],
    ['a channel', 'async fn s(mut rx: Receiver<u8>) { loop { rx.recv().await; work(); } }', 'own'],
    ['a timer', 'async fn s(mut t: Interval) { loop { t.tick().await; work(); } }', 'own'],
  ])('%s', (_, by, expected) => {
    expect(feeder(rust(`fn work() {}\n${by}`))).toBe(expected);
  });
});
