// Package views remembers what visitors looked at.
package views

import (
	"os"
	"sync"
)

// keep is how many views a visitor's list holds.
const keep = 20

// maxVisitors is how many visitors are remembered.
const maxVisitors = 10_000

// Log holds the recent views of recent visitors.
type Log struct {
	mu sync.Mutex
	// recent is fine: Record forgets somebody before it remembers the visitor after maxVisitors.
	recent map[string][]string
}

// NewLog returns an empty log.
func NewLog() *Log {
	return &Log{recent: make(map[string][]string)}
}

// Record adds a view and writes it to the disk.
func (l *Log) Record(visitor, sku string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.recent) >= maxVisitors {
		for other := range l.recent {
			delete(l.recent, other)
			break
		}
	}
	list := append(l.recent[visitor], sku)
	if len(list) > keep {
		list = list[len(list)-keep:]
	}
	l.recent[visitor] = list
	l.append(visitor, sku)
}

func (l *Log) append(visitor, sku string) {
	f, err := os.OpenFile("/data/views.log", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	defer f.Close()
	_, _ = f.WriteString(visitor + " " + sku + "\n")
}
