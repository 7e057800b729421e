// Package pictures makes thumbnails.
package pictures

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
)

// Store makes thumbnails of the pictures on the scratch volume.
type Store struct {
	// slots is fine: it lets this many pictures be decoded at the same time.
	slots chan struct{}
}

// NewStore returns a store that decodes up to parallel pictures at once.
func NewStore(parallel int) *Store {
	return &Store{slots: make(chan struct{}, parallel)}
}

// Thumbnail returns every eighth pixel of the product's picture.
func (s *Store) Thumbnail(sku string) ([]byte, error) {
	s.slots <- struct{}{}
	defer func() { <-s.slots }()
	f, err := os.Open(filepath.Join("/scratch", filepath.Base(sku)+".png"))
	if err != nil {
		return nil, errors.New("no picture")
	}
	defer f.Close()
	picture, err := png.Decode(f)
	if err != nil {
		return nil, err
	}
	bounds := picture.Bounds()
	small := image.NewRGBA(image.Rect(0, 0, bounds.Dx()/8, bounds.Dy()/8))
	for y := 0; y < bounds.Dy()/8; y++ {
		for x := 0; x < bounds.Dx()/8; x++ {
			small.Set(x, y, picture.At(bounds.Min.X+x*8, bounds.Min.Y+y*8))
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, small); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
