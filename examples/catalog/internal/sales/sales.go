// Package sales adds up what was sold, from the files of the tills.
package sales

import (
	"bufio"
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// Hazard go/struct-padding: 48 bytes a sale where 32 would do, and a day has a million of them.
type sale struct {
	gift  bool
	cents int64
	card  bool
	sku   string
	till  uint16
}

// region says how sales of a part of the country are counted.
type region struct {
	name  string
	tills [96]uint16
	rates [96]float64
	weeks [10]string
}

// Hazard go/large-copy: 1,128 bytes are copied for every line of the file, to look at two numbers of them.
func (r region) rate(till uint16) float64 {
	for i := range r.tills {
		if r.tills[i] == till {
			return r.rates[i]
		}
	}
	return 1
}

// day is what one till reports.
type day struct {
	Sold  []string `json:"sold"`
	Total float64  `json:"total"`
}

// Handle answers with the totals of an uploaded file, one line a till.
func Handle(w http.ResponseWriter, r *http.Request) {
	// Hazard go/loop-allocation: the pattern is the same for every request, and compiling it costs more than using it.
	line := regexp.MustCompile(`^\d+;[a-z0-9,-]*$`)
	north := region{name: r.URL.Query().Get("region")}
	var last []sale
	lines := bufio.NewScanner(http.MaxBytesReader(w, r.Body, 1<<20))
	for lines.Scan() {
		if !line.MatchString(lines.Text()) {
			continue
		}
		number, list, _ := strings.Cut(lines.Text(), ";")
		till, err := strconv.ParseUint(number, 10, 16)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		report := day{Total: north.rate(uint16(till))}
		skus := strings.Split(list, ",")
		// Hazard go/missing-capacity: grows in steps for every till, although the line says how long it will be.
		sold := []string{}
		for _, sku := range skus {
			sold = append(sold, strings.ToUpper(sku))
		}
		report.Sold = sold
		last = append(last, sale{sku: skus[0], till: uint16(till)})
		if err := json.NewEncoder(w).Encode(report); err != nil {
			return
		}
	}
	w.Header().Set("X-Tills", strconv.Itoa(len(last)))
}
