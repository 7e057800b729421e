//! Just enough HTTP for a checkout.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::basket::Basket;
use crate::{ledger, vouchers, Shop};

/// Fine: no basket is longer, so the body is read up to a limit.
const MAX_BODY: u64 = 64 * 1024;

/// Serves the requests of one connection.
pub fn serve(stream: TcpStream, shop: &Shop) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    loop {
        let mut line = String::new();
        if reader.by_ref().take(8 * 1024).read_line(&mut line)? == 0 {
            return Ok(());
        }
        if line.starts_with("PUT /ledger") {
            ledger::check(&mut writer)?;
            continue;
        }
        if line.starts_with("PUT /scan") {
            ledger::digest(&mut writer)?;
            continue;
        }
        if line.starts_with("PUT /receipt") {
            shop.receipts.accept(&mut writer)?;
            continue;
        }
        if line.starts_with("PUT /complaint") {
            shop.receipts.complain(&mut writer)?;
            return Ok(());
        }
        let length = content_length(&mut reader)?;
        let mut body = String::new();
        reader.by_ref().take(length.min(MAX_BODY)).read_to_string(&mut body)?;
        let answer = respond(&line, &body, shop);
        write!(
            writer,
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{}",
            answer.len(),
            answer
        )?;
    }
}

fn respond(line: &str, body: &str, shop: &Shop) -> String {
    let mut words = line.split_whitespace();
    match (words.next(), words.next()) {
        (Some("POST"), Some("/quote")) => {
            let basket = Basket::parse(body);
            shop.quotes.quote(&basket, &shop.tax).to_string()
        }
        (Some("POST"), Some("/order")) => {
            let basket = Basket::parse(body);
            let total = shop.quotes.quote(&basket, &shop.tax);
            let order = shop.orders.place(&basket.customer, total);
            shop.audit.note(body, &order);
            match shop.receipts.send(&basket.customer, &order) {
                Ok(()) => order,
                Err(_) => String::from("no receipt"),
            }
        }
        (Some("POST"), Some("/vouchers")) => vouchers::redeem(body),
        _ => String::from("not found"),
    }
}

fn content_length(reader: &mut BufReader<TcpStream>) -> io::Result<u64> {
    let mut length = 0;
    loop {
        let mut header = String::new();
        if reader.by_ref().take(8 * 1024).read_line(&mut header)? == 0 || header.trim().is_empty() {
            return Ok(length);
        }
        if let Some((name, value)) = header.split_once(':') {
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
    }
}
