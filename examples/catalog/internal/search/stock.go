package search

import (
	"encoding/json"
	"net/http"
	"time"
)

// HandleStock answers how many pieces are left, if the warehouse says so in time.
func HandleStock(w http.ResponseWriter, r *http.Request) {
	// Hazard go/goroutine-leak: when the warehouse is slower than a second its answer finds nobody, and the goroutine
	// that carries it stays for ever.
	pieces := make(chan int)
	go func() {
		pieces <- askWarehouse(r.URL.Query().Get("sku"))
	}()
	select {
	case n := <-pieces:
		_ = json.NewEncoder(w).Encode(n)
	case <-time.After(time.Second):
		http.Error(w, "the warehouse does not answer", http.StatusGatewayTimeout)
	}
}

func askWarehouse(sku string) int {
	time.Sleep(time.Duration(len(sku)) * time.Second)
	return len(sku)
}
