// Package postal holds what the post asks of a letter: products, the codes that
// name printings and sheets, registered numbers, formats, weights, envelopes
// and addresses. What changes from year to year is data (assets/postal), read
// by [Parse]; what does not is code.
package postal

import (
	"errors"
	"fmt"
)

// Product is what the customer paid for; it decides which proof is due.
type Product string

// The four products.
const (
	Standard      Product = "standard"      // Non Prior, within 3 working days
	Priority      Product = "priority"      // Prior, next working day
	Registered    Product = "registered"    // dated proof and a number for each letter
	International Product = "international" // priority by itself
)

// ErrProduct is returned for a word that names no product.
var ErrProduct = errors.New("not a product")

// Products lists all products in the order in which windows show them.
func Products() []Product {
	return []Product{Standard, Priority, Registered, International}
}

// ParseProduct accepts exactly the words of [Products].
func ParseProduct(s string) (Product, error) {
	for _, p := range Products() {
		if s == string(p) {
			return p, nil
		}
	}
	return "", fmt.Errorf("%w: %.20q", ErrProduct, s)
}

// NeedsNumber reports whether each letter must have a tracking number of its
// own before it may be handed in.
func (p Product) NeedsNumber() bool { return p == Registered }
