//! Prices of baskets, remembered so that a customer who reloads the page does not pay for the sum again.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::basket::{Basket, Item};
use crate::tax::TaxTable;

pub struct Quotes {
    /// Hazard rust/unbounded-cache: the key is the whole basket, so almost every request adds an entry, and nothing
    /// ever removes one. A bigger limit only makes the pod die later.
    cache: Mutex<HashMap<String, u64>>,
}

impl Quotes {
    pub fn new() -> Quotes {
        Quotes {
            cache: Mutex::new(HashMap::new()),
        }
    }

    /// What the basket costs in cents, taxes included.
    pub fn quote(&self, basket: &Basket, tax: &TaxTable) -> u64 {
        let key = format!("{basket:?}");
        if let Some(total) = self.cache.lock().unwrap().get(&key) {
            return *total;
        }
        let mut total = 0;
        for item in &basket.items {
            // Hazard rust/hot-clone: copies four heap blocks per item to read two numbers of it.
            total += discounted(item.clone()) * tax.per_mille(&basket.country) / 1000;
        }
        self.cache.lock().unwrap().insert(key, total);
        total
    }
}

/// Ten for the price of nine.
fn discounted(item: Item) -> u64 {
    item.cents * (item.quantity - item.quantity / 10)
}
