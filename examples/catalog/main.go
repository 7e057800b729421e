// Command catalog serves the products of the shop: search, recent views, pictures.
package main

import (
	"encoding/json"
	"log"
	"net/http"

	"example.com/shop/catalog/internal/feed"
	"example.com/shop/catalog/internal/outbox"
	"example.com/shop/catalog/internal/pictures"
	"example.com/shop/catalog/internal/reviews"
	"example.com/shop/catalog/internal/sales"
	"example.com/shop/catalog/internal/search"
	"example.com/shop/catalog/internal/views"
)

type server struct {
	index    *search.Index
	views    *views.Log
	pictures *pictures.Store
}

func main() {
	s := &server{
		index:    search.NewIndex(search.Products()),
		views:    views.NewLog(),
		pictures: pictures.NewStore(4),
	}
	changes := outbox.Start()
	mux := http.NewServeMux()
	mux.HandleFunc("/changed", changes.HandleChange)
	mux.HandleFunc("/search", s.handleSearch)
	mux.HandleFunc("/stock", search.HandleStock)
	mux.HandleFunc("/pairs", search.HandlePairs)
	mux.HandleFunc("/view", s.handleView)
	mux.HandleFunc("/picture", s.handlePicture)
	mux.HandleFunc("/feed", feed.New(search.Products()).HandleTag)
	desk := reviews.NewDesk()
	mux.HandleFunc("/review", desk.HandleReview)
	mux.HandleFunc("/reviews/import", desk.HandleImport)
	mux.HandleFunc("/reviews/latest", desk.HandleLatest)
	mux.HandleFunc("/sales", sales.Handle)
	log.Fatal(http.ListenAndServe(":8081", mux))
}

func (s *server) handleSearch(w http.ResponseWriter, r *http.Request) {
	found := s.index.Find(r.URL.Query().Get("q"))
	if err := json.NewEncoder(w).Encode(found); err != nil {
		log.Print(err)
	}
}

func (s *server) handleView(w http.ResponseWriter, r *http.Request) {
	sku, visitor := r.FormValue("sku"), r.FormValue("visitor")
	// Hazard go/unbounded-spawn: a goroutine per request that waits for a slow disk. When the disk stalls they pile
	// up at about 2.6 KiB each, plus what they hold.
	go s.views.Record(visitor, sku)
	w.WriteHeader(http.StatusAccepted)
}

func (s *server) handlePicture(w http.ResponseWriter, r *http.Request) {
	picture, err := s.pictures.Thumbnail(r.URL.Query().Get("sku"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	if _, err := w.Write(picture); err != nil {
		log.Print(err)
	}
}
