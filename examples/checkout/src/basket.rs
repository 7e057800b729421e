//! What a customer wants to buy.

/// One product and how many of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub sku: String,
    pub name: String,
    pub notes: Vec<String>,
    pub cents: u64,
    pub quantity: u64,
}

#[derive(Clone, Debug)]
pub struct Basket {
    pub customer: String,
    pub country: String,
    pub items: Vec<Item>,
}

impl Basket {
    /// Reads `customer;country` and then `sku;name;cents;quantity;notes…` a line.
    pub fn parse(text: &str) -> Basket {
        let mut lines = text.lines();
        let (customer, country) = lines.next().and_then(|l| l.split_once(';')).unwrap_or(("", ""));
        let items = lines.filter_map(parse_item).collect();
        Basket {
            customer: customer.to_string(),
            country: country.to_string(),
            items,
        }
    }
}

fn parse_item(line: &str) -> Option<Item> {
    let mut parts = line.split(';');
    Some(Item {
        sku: parts.next()?.to_string(),
        name: parts.next()?.to_string(),
        cents: parts.next()?.parse().ok()?,
        quantity: parts.next()?.parse().ok()?,
        notes: parts.map(str::to_string).collect(),
    })
}
