package main

import (
	"net/http"

	"example.com/sessions/store"
)

func main() {
	sessions := store.New()
	http.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		sessions.Add(r.URL.Query().Get("user"))
	})
	_ = http.ListenAndServe(":8080", nil)
}
