//! The books: what a partner shop sold, one line a basket.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// Fine: what is read is limited.
const MAX_LEDGER: u64 = 4 * 1024 * 1024;

/// Reads a ledger and answers with the sum and the largest price of each line.
pub fn check(partner: &mut TcpStream) -> io::Result<()> {
    let mut answers = partner.try_clone()?;
    for line in BufReader::new(partner.take(MAX_LEDGER)).lines() {
        let line = line?;
        // Hazard rust/loop-allocation: a list of what the line is split into, only to go through it once.
        let prices: Vec<&str> = line.split(';').collect();
        // Hazards rust/missing-capacity and rust/loop-allocation: grows in steps for every line, although the line says
        // how long it will be; and one list that is cleared would do for all.
        let mut cents: Vec<u64> = Vec::new();
        for price in &prices {
            cents.push(price.trim().parse().unwrap_or(0));
        }
        let largest = cents.iter().max().copied().unwrap_or(0);
        writeln!(answers, "{} {largest}", cents.iter().sum::<u64>())?;
    }
    Ok(())
}

/// Reads the scan of a paper ledger and answers with a sum over its bytes.
pub fn digest(partner: &mut TcpStream) -> io::Result<()> {
    let mut answers = partner.try_clone()?;
    let mut scan = partner.take(MAX_LEDGER);
    let mut sum = 0u64;
    loop {
        // Hazard rust/loop-allocation: 16 KiB anew for every piece of every scan; a block before the loop would do.
        let mut block = vec![0u8; 16 * 1024];
        let n = scan.read(&mut block)?;
        if n == 0 {
            break;
        }
        sum += block[..n].iter().map(|b| u64::from(*b)).sum::<u64>();
    }
    writeln!(answers, "{sum}")
}
