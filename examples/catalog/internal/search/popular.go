package search

// window is how many searches the popularity of products is computed from.
const window = 8 << 20

type visit struct {
	sku  [16]byte
	when int64
}

// Hazards go/startup-spike and budget/tight: 192 MiB before the first search, for a window that a quiet shop fills in
// a year, and the preview has 256Mi for everything.
var visits = make([]visit, window)

// next is where the following visit goes.
var next int

// Visited remembers that somebody looked at a product.
func Visited(sku string, when int64) {
	v := &visits[next%window]
	copy(v.sku[:], sku)
	v.when = when
	next++
}
