//! Orders of the last minutes, so that a double click does not buy twice.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::Shop;

const REMEMBER: Duration = Duration::from_secs(300);

pub struct Orders {
    /// Fine: grows with customers as the quotes do, but `sweep` removes what is older than five minutes.
    recent: Mutex<HashMap<String, (Instant, String)>>,
}

impl Orders {
    pub fn new() -> Orders {
        Orders {
            recent: Mutex::new(HashMap::new()),
        }
    }

    /// Answers with the order's number; the same customer and total within five minutes get the same one.
    pub fn place(&self, customer: &str, total: u64) -> String {
        let mut recent = self.recent.lock().unwrap();
        let number = format!("{:08x}", total.wrapping_mul(2654435761) ^ recent.len() as u64);
        let order = recent
            .entry(format!("{customer}/{total}"))
            .or_insert_with(|| (Instant::now(), number));
        order.1.clone()
    }

    fn sweep(&self) {
        let mut recent = self.recent.lock().unwrap();
        recent.retain(|_, (placed, _)| placed.elapsed() < REMEMBER);
    }
}

/// Starts the thread that forgets old orders.
pub fn start_sweeper(shop: Arc<Shop>) {
    // Fine: one thread for the life of the process.
    thread::spawn(move || loop {
        thread::sleep(Duration::from_secs(30));
        shop.orders.sweep();
    });
}
