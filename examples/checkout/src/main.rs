//! Checkout: takes a basket, prices it, and answers with an order.

mod audit;
mod basket;
mod export;
mod http;
mod ledger;
mod orders;
mod quotes;
mod receipts;
mod tax;
mod vouchers;

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use audit::Audit;
use orders::Orders;
use quotes::Quotes;
use receipts::Receipts;
use tax::TaxTable;

/// What every connection shares.
pub struct Shop {
    audit: Audit,
    quotes: Quotes,
    orders: Orders,
    receipts: Receipts,
    tax: TaxTable,
    export: std::sync::mpsc::SyncSender<export::Line>,
}

fn main() -> io::Result<()> {
    let (receipts, outbox) = Receipts::new();
    let shop = Arc::new(Shop {
        audit: Audit::new(),
        quotes: Quotes::new(),
        orders: Orders::new(),
        receipts,
        tax: TaxTable::load(),
        export: export::start(),
    });
    orders::start_sweeper(Arc::clone(&shop));
    receipts::start_mailer(Arc::clone(&shop), outbox);

    let listener = TcpListener::bind("0.0.0.0:8080")?;
    for stream in listener.incoming() {
        let stream = stream?;
        let shop = Arc::clone(&shop);
        // Hazard rust/unbounded-spawn: a thread per connection, and clients decide how many connections there are.
        // Each reserves 2 MiB of stack; what it touched stays resident until the client hangs up.
        thread::spawn(move || http::serve(stream, &shop));
    }
    Ok(())
}
