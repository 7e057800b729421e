package search

// Product is what the shop sells.
type Product struct {
	SKU   string   `json:"sku"`
	Name  string   `json:"name"`
	Tags  []string `json:"tags"`
	Cents int      `json:"cents"`
}

// Products is the assortment; a real shop would read it from its database.
func Products() []Product {
	return []Product{
		{SKU: "tea-1", Name: "Green tea", Tags: []string{"tea", "green"}, Cents: 590},
		{SKU: "tea-2", Name: "Black tea", Tags: []string{"tea", "black"}, Cents: 490},
		{SKU: "mug-1", Name: "Large mug", Tags: []string{"mug", "blue"}, Cents: 1290},
	}
}
