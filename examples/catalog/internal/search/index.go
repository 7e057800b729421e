// Package search finds products by words.
package search

import (
	"strings"
	"sync"
)

// Index answers searches from memory.
type Index struct {
	products []Product
	// byTag is fine: it is filled once, from the assortment.
	byTag map[string][]Product

	mu sync.Mutex
	// Hazard go/unbounded-cache: the key is whatever visitors type, and nothing removes an entry. The 95 MiB it held
	// after a quiet week become 2 GiB after a visit by a crawler.
	answers map[string][]Product
}

// NewIndex builds the index of the products.
func NewIndex(products []Product) *Index {
	byTag := make(map[string][]Product)
	for _, p := range products {
		for _, tag := range p.Tags {
			byTag[tag] = append(byTag[tag], p)
		}
	}
	return &Index{products: products, byTag: byTag, answers: make(map[string][]Product)}
}

// Find returns the products that match every word of the query.
func (x *Index) Find(query string) []Product {
	x.mu.Lock()
	defer x.mu.Unlock()
	if found, ok := x.answers[query]; ok {
		return found
	}
	var found []Product
	for _, word := range strings.Fields(query) {
		// Hazard go/hot-copy: copies the whole assortment for every word of every search, and only reads it.
		candidates := append([]Product(nil), x.products...)
		for _, p := range candidates {
			if strings.Contains(p.Name, word) {
				found = append(found, p)
			}
		}
	}
	if tagged, ok := x.byTag[query]; ok {
		found = append(found, tagged...)
	}
	x.answers[query] = found
	return found
}
