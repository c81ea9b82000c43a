package central

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"espero-soft.com/printroom/sync/wire"
)

// serveStaff signs the list that holds now. Its revision is read first: a change that comes meanwhile may be
// in the list already, and is then told of again, but is never missed.
func (c *Central) serveStaff(ctx context.Context, q *request) (answer, error) {
	staff := wire.Staff{Station: q.station.id, IssuedAt: c.now()}
	var err error
	if staff.Revision, err = c.staffRevision(ctx); err != nil {
		return answer{}, err
	}
	if staff.Policy, err = c.Policy(ctx); err != nil {
		return answer{}, err
	}
	if staff.People, err = c.peopleAt(ctx, q.station.id); err != nil {
		return answer{}, err
	}
	text, err := json.Marshal(staff)
	if err != nil {
		return answer{}, fmt.Errorf("encode staff: %w", err)
	}
	if len(text) > wire.MaxStatement {
		return answer{}, fmt.Errorf("a staff list of %d bytes, at most %d", len(text), wire.MaxStatement)
	}
	signature, err := c.authority.signer().statement(wire.StaffDigest(string(text)))
	if err != nil {
		return answer{}, fmt.Errorf("sign staff: %w", err)
	}
	return jsonAnswer(200, wire.SignedStaff{Staff: string(text), Signature: signature})
}

// staffRevision is the revision of the staff lists that hold. It rises with the trust's too, as another
// authority may sign them then.
func (c *Central) staffRevision(ctx context.Context) (int64, error) {
	var n int64
	if err := c.read.QueryRowContext(ctx, `SELECT revision FROM revisions WHERE what = 'staff'`).Scan(&n); err != nil {
		return 0, fmt.Errorf("look up the staff's revision: %w", err)
	}
	trust, err := c.trustRevision()
	return n + trust, err
}

// trustRevision is the revision of the trust that holds.
func (c *Central) trustRevision() (int64, error) {
	var t struct {
		Revision int64 `json:"revision"`
	}
	if err := json.Unmarshal([]byte(c.Trust().Trust), &t); err != nil {
		return 0, fmt.Errorf("read the trust's revision: %w", err)
	}
	return t.Revision, nil
}

// raiseStaff says that staff lists have changed. A revision is at least the time in seconds, so that one is
// higher than those of a database that was lost and restored from a copy.
func (c *Central) raiseStaff(ctx context.Context, tx *sql.Tx) error {
	_, err := exec(ctx, tx, `UPDATE revisions SET revision = MAX(revision + 1, ?) WHERE what = 'staff'`, c.now().Unix())
	if err != nil {
		return fmt.Errorf("raise the staff's revision: %w", err)
	}
	return nil
}

func (c *Central) serveTrust(context.Context, *request) (answer, error) {
	return jsonAnswer(200, c.Trust())
}
