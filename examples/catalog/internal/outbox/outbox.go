// Package outbox tells the partners of the shop what changed.
package outbox

import (
	"io"
	"net/http"
)

// Change is one message to a partner, of the size their gateway wants.
type Change [1024]byte

// Waiting is how many changes may wait for a slow partner.
const Waiting = 40 << 10

// Outbox takes changes and hands them on.
type Outbox struct {
	changes chan Change
}

// Start makes the outbox and the goroutine that empties it.
func Start() *Outbox {
	// Fine: bounded, and 40 MiB when a partner is slow.
	o := &Outbox{changes: make(chan Change, Waiting)}
	go o.deliver(io.Discard)
	return o
}

// HandleChange queues one change, or turns it away when the outbox is full.
func (o *Outbox) HandleChange(w http.ResponseWriter, r *http.Request) {
	var c Change
	copy(c[:], r.URL.RawQuery)
	select {
	case o.changes <- c:
		w.WriteHeader(http.StatusAccepted)
	default:
		http.Error(w, "busy", http.StatusServiceUnavailable)
	}
}

func (o *Outbox) deliver(w io.Writer) {
	for c := range o.changes {
		w.Write(c[:])
	}
}
