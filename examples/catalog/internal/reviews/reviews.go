// Package reviews takes what customers and partner shops write about products.
package reviews

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Review is what somebody wrote.
type Review struct {
	SKU  string `json:"sku"`
	Text string `json:"text"`
}

// Desk holds reviews until somebody has looked at them.
type Desk struct {
	mu      sync.Mutex
	waiting []Review
	// latest is fine: publish keeps the newest hundred.
	latest []Review
}

// NewDesk returns an empty desk and starts to work it off.
func NewDesk() *Desk {
	d := &Desk{}
	go d.work()
	return d
}

// HandleReview takes one review of a customer.
func (d *Desk) HandleReview(w http.ResponseWriter, r *http.Request) {
	// Hazard go/unbounded-read: the sender decides how long the body is, and every request in flight holds its own.
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var review Review
	if err := json.Unmarshal(body, &review); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	d.mu.Lock()
	// Hazard go/unbounded-queue: reviews come in faster than they are worked off, and what waits is memory.
	d.waiting = append(d.waiting, review)
	d.mu.Unlock()
}

// HandleImport takes the packed reviews of a partner shop.
func (d *Desk) HandleImport(w http.ResponseWriter, r *http.Request) {
	// Fine: the compressed bytes are limited. That does not help the line below.
	packed := http.MaxBytesReader(w, r.Body, 1<<20)
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	// Hazard go/decompression-bomb: a megabyte of zeros unpacks to a gigabyte of them.
	text, err := io.ReadAll(unpacked)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("X-Imported-Bytes", strconv.Itoa(len(text)))
}

// HandleLatest answers with the newest reviews.
func (d *Desk) HandleLatest(w http.ResponseWriter, r *http.Request) {
	count, err := strconv.Atoi(r.URL.Query().Get("count"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	// Hazard go/untrusted-capacity: ?count=1000000000 asks for 32 GB before anything looks at the number.
	page := make([]Review, 0, count)
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := 0; i < len(d.latest) && i < count; i++ {
		page = append(page, d.latest[i])
	}
	_ = json.NewEncoder(w).Encode(page)
}

func (d *Desk) work() {
	for {
		time.Sleep(time.Second)
		d.mu.Lock()
		if len(d.waiting) > 0 {
			review := d.waiting[0]
			d.waiting = d.waiting[1:]
			d.publish(review)
		}
		d.mu.Unlock()
	}
}

func (d *Desk) publish(review Review) {
	d.latest = append(d.latest, review)
	if len(d.latest) > 100 {
		d.latest = d.latest[len(d.latest)-100:]
	}
}
