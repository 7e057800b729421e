// Package feed answers other shops with the assortment.
package feed

import (
	"bytes"
	"encoding/json"
	"net/http"
	"sync"

	"example.com/shop/catalog/internal/search"
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Feed answers with the products that carry a tag.
type Feed struct {
	products []search.Product
}

// New answers from the products.
func New(products []search.Product) *Feed { return &Feed{products: products} }

// HandleTag answers with all products of ?tag=, however many they are.
func (f *Feed) HandleTag(w http.ResponseWriter, r *http.Request) {
	tag := r.URL.Query().Get("tag")
	var found []search.Product
	for _, p := range f.products {
		for _, t := range p.Tags {
			if t == tag {
				found = append(found, p)
			}
		}
	}
	b := buffers.Get().(*bytes.Buffer)
	b.Reset()
	if err := json.NewEncoder(b).Encode(found); err == nil {
		_, _ = w.Write(b.Bytes())
	}
	// Hazard go/oversized-pool: whoever asks for the largest tag leaves the largest buffer to everybody after.
	buffers.Put(b)
}
