//! Vouchers: a bundle holds several, and each knows its bundle.

use std::cell::RefCell;
use std::rc::Rc;

struct Bundle {
    vouchers: Vec<Rc<Voucher>>,
}

struct Voucher {
    code: &'static str,
    // Hazard rust/reference-cycle: the bundle keeps its vouchers and each voucher keeps the bundle, so none of them is
    // freed when the request is over.
    bundle: RefCell<Option<Rc<Bundle>>>,
}

/// Redeems the vouchers of a request, one a line; a bundle of three or more is worth twice as much.
pub fn redeem(body: &str) -> String {
    let mut vouchers = Vec::new();
    for line in body.lines().take(100) {
        // Hazard rust/leak: a code that lives as long as the process is easy to pass around, and there is a new one in
        // every request.
        let code = Box::leak(line.to_owned().into_boxed_str());
        vouchers.push(Rc::new(Voucher { code, bundle: RefCell::new(None) }));
    }
    let bundle = Rc::new(Bundle { vouchers });
    for voucher in &bundle.vouchers {
        *voucher.bundle.borrow_mut() = Some(Rc::clone(&bundle));
    }
    let worth: usize = bundle.vouchers.iter().map(|v| value(v)).sum();
    worth.to_string()
}

fn value(voucher: &Voucher) -> usize {
    let bundled = voucher.bundle.borrow().as_ref().map_or(1, |b| b.vouchers.len());
    voucher.code.len() * if bundled >= 3 { 2 } else { 1 }
}
