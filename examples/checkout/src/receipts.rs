//! Receipts: printed by the bank, sent by the mail server, kept until both have answered.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::Shop;

/// A receipt on its way to a customer.
pub struct Receipt {
    pub customer: String,
    pub text: Vec<u8>,
}

pub struct Receipts {
    mail: Sender<Receipt>,
    again: Mutex<VecDeque<Receipt>>,
}

impl Receipts {
    /// Answers with the receipts and the end that `start_mailer` takes.
    pub fn new() -> (Receipts, Receiver<Receipt>) {
        // Hazard rust/unbounded-channel: the mail server takes a second for each, customers do not wait for it. What
        // it has not taken yet stays in memory.
        let (mail, outbox) = mpsc::channel();
        let again = Mutex::new(VecDeque::new());
        (Receipts { mail, again }, outbox)
    }

    /// Asks the bank for the receipt of an order and hands it to the mailer.
    pub fn send(&self, customer: &str, order: &str) -> io::Result<()> {
        let mut bank = TcpStream::connect("bank:443")?;
        writeln!(bank, "{order}")?;
        let mut text = Vec::new();
        bank.take(1 << 20).read_to_end(&mut text)?;
        let customer = customer.to_string();
        let _ = self.mail.send(Receipt { customer, text });
        Ok(())
    }

    /// Takes what a partner shop writes about a receipt, until it hangs up.
    pub fn complain(&self, partner: &mut TcpStream) -> io::Result<()> {
        let mut text = Vec::new();
        // Hazard rust/unbounded-read: reads until the stranger has had enough, however long that is.
        partner.read_to_end(&mut text)?;
        let customer = String::from("complaints");
        let _ = self.mail.send(Receipt { customer, text });
        Ok(())
    }

    /// Takes a receipt that a partner shop printed, with its length in front.
    pub fn accept(&self, partner: &mut TcpStream) -> io::Result<()> {
        let mut length = [0; 4];
        partner.read_exact(&mut length)?;
        // Hazard rust/untrusted-capacity: four bytes of a stranger ask for up to 4 GiB.
        let mut text = vec![0; u32::from_be_bytes(length) as usize];
        partner.read_exact(&mut text)?;
        let customer = String::from("partner");
        // Hazard rust/unbounded-queue: partners send all day, the mailer takes one a second.
        self.again.lock().unwrap().push_back(Receipt { customer, text });
        Ok(())
    }
}

/// Starts the thread that talks to the mail server.
pub fn start_mailer(shop: Arc<Shop>, outbox: Receiver<Receipt>) {
    thread::spawn(move || {
        let mut mail = Vec::new();
        for receipt in outbox {
            // Hazard rust/retained-capacity: the longest receipt there ever was decides how much this thread keeps.
            mail.clear();
            mail.extend_from_slice(&receipt.text);
            deliver(&receipt.customer, &mail);
            let late = shop.receipts.again.lock().unwrap().pop_front();
            if let Some(late) = late {
                deliver(&late.customer, &late.text);
            }
        }
    });
}

fn deliver(customer: &str, mail: &[u8]) {
    thread::sleep(Duration::from_secs(1));
    println!("{customer}: {} bytes", mail.len());
}
