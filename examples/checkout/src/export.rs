//! The export of the day for the accountants: lines are padded on all processors and written by one thread.

use std::sync::mpsc::{sync_channel, Receiver, SyncSender};
use std::thread;

/// A line as the accountants' program of 1998 wants it.
pub type Line = [u8; 1024];

/// How many lines may wait for the disk.
const WAITING: usize = 100_000;

/// Starts the writer and its helpers; what is sent here is written.
pub fn start() -> SyncSender<Line> {
    // Hazard budget/over: std's sync_channel writes every slot when it is made, so these are 99 MiB before the first
    // line. The job that exports has 64Mi. In Go, or with tokio, the same queue would fill with use.
    let (lines, waiting) = sync_channel::<Line>(WAITING);
    let workers = thread::available_parallelism().map_or(1, |n| n.get());
    for _ in 0..workers {
        let mut scratch = vec![b' '; 4 << 20];
        thread::spawn(move || pad(&mut scratch));
    }
    thread::spawn(move || write(waiting));
    lines
}

fn pad(scratch: &mut [u8]) {
    scratch.fill(b' ');
}

fn write(waiting: Receiver<Line>) {
    for line in waiting {
        println!("{}", String::from_utf8_lossy(&line).trim_end());
    }
}
