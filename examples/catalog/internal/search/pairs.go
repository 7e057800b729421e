package search

import (
	"fmt"
	"net/http"
)

// HandlePairs tells how often the most frequent pair of letters stands in a text.
func HandlePairs(w http.ResponseWriter, r *http.Request) {
	// Hazard go/large-stack: the goroutine of every request grows its stack from 2 KiB to 512 KiB for this.
	var pairs [65536]uint32
	query := r.URL.Query().Get("q")
	for i := 1; i < len(query); i++ {
		pairs[int(query[i-1])<<8|int(query[i])]++
	}
	most := uint32(0)
	for _, n := range pairs {
		if n > most {
			most = n
		}
	}
	fmt.Fprintln(w, most)
}
