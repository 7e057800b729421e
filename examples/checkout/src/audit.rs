//! The audit log: every order as one line on the standard output.

use std::io::{self, Write};
use std::sync::Mutex;

pub struct Audit {
    free: Mutex<Vec<String>>,
}

impl Audit {
    pub fn new() -> Audit {
        Audit { free: Mutex::new(Vec::new()) }
    }

    /// Writes what a customer ordered.
    pub fn note(&self, basket: &str, order: &str) {
        let mut line = self.free.lock().unwrap().pop().unwrap_or_default();
        line.push_str(order);
        line.push(' ');
        line.push_str(basket);
        line.push('\n');
        let _ = io::stdout().write_all(line.as_bytes());
        line.clear();
        // Hazard rust/oversized-pool: a line that once held the largest basket keeps that size for every one after it.
        self.free.lock().unwrap().push(line);
    }
}
