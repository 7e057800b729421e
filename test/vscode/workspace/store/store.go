package store

import "sync"

// Store keeps who is logged in.
type Store struct {
	mu   sync.Mutex
	seen map[string]bool
}

func New() *Store {
	return &Store{seen: map[string]bool{}}
}

func (s *Store) Add(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[user] = true
}
