package wire

import (
	"fmt"
	"slices"

	"github.com/google/uuid"
)

// What came of an order: the reason of an order_done event.
const (
	OrderBeforePrint ReasonCode = "before_print" // nothing is on paper
	OrderDestroyed   ReasonCode = "destroyed"    // its paper was destroyed by a person
	OrderTooLate     ReasonCode = "too_late"     // it is in a closed deposit
)

// OrderOutcomes lists them.
func OrderOutcomes() []ReasonCode {
	return []ReasonCode{OrderBeforePrint, OrderDestroyed, OrderTooLate}
}

// DecodeNotice reads one line of the stream of orders, at most MaxNotice bytes, without its end. Orders of
// a kind that this program does not know are left out: they are open still at central. Fields it does not
// know are ignored. Anything else that is not as the contract says is an error, and then nothing is taken.
func DecodeNotice(line []byte) (Notice, error) {
	if len(line) > MaxNotice {
		return Notice{}, fmt.Errorf("%w: more than %d bytes in a line", ErrTooLarge, MaxNotice)
	}
	var n Notice
	if err := decode(line, &n, false); err != nil {
		return Notice{}, err
	}
	if n.Waiting < 0 || n.Waiting > MaxWaiting || n.Staff < 0 || n.Trust < 0 {
		return Notice{}, fmt.Errorf("decode notice: %d letters wait, staff %d, trust %d", n.Waiting, n.Staff, n.Trust)
	}
	if len(n.Orders) > MaxOrders {
		return Notice{}, fmt.Errorf("decode notice: %d orders, at most %d", len(n.Orders), MaxOrders)
	}
	for i, o := range n.Orders {
		if !isUUID(o.ID) || !isUUID(o.Job) || o.Kind == "" {
			return Notice{}, fmt.Errorf("decode notice: order %d has no id, no letter or no kind", i)
		}
	}
	n.Orders = slices.DeleteFunc(n.Orders, func(o Order) bool { return !o.Kind.Valid() })
	if len(n.Orders) == 0 {
		n.Orders = nil // no orders have one form, whether none came or none was known
	}
	return n, nil
}

// isUUID tells whether s is an id as the contract writes them.
func isUUID(s string) bool {
	id, err := uuid.Parse(s)
	return err == nil && id.String() == s
}
