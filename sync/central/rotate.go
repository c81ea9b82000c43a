package central

import (
	"context"
	"crypto/x509"
	"fmt"
	"slices"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal/checkpoint"
)

// NextAuthority makes the authority that will follow the current one and announces it: it stands in the
// trust, which it signs too, and signs nothing else yet. When one is announced already, that is it.
func (c *Central) NextAuthority() (*x509.Certificate, error) {
	var next *authority
	err := c.changeTrust(func(k *keySet) error {
		state := k.state
		r := &state.Authorities
		if r.Next {
			next = k.authorities[1]
			return nil
		}
		if len(r.InForce) == wire.MaxAuthorities {
			return fmt.Errorf("%w: %d authorities hold, drop one first", ErrRotation, len(r.InForce))
		}
		name := r.announce(authorityName)
		var err error
		if next, err = k.authorityOf(name, k.authorities[0]); err != nil {
			return err
		}
		return k.use(state, slices.Insert(slices.Clone(k.authorities), 1, next), k.witnesses)
	})
	if err != nil {
		return nil, fmt.Errorf("next authority: %w", err)
	}
	return next.certificate, nil
}

// UseNextAuthority lets the announced authority sign from now on: server and client certificates and
// staff lists. The one before it still holds: its certificates are accepted and it signs the trust, so
// that stations that were away learn of the new one, until DropAuthority.
func (c *Central) UseNextAuthority() error {
	err := c.changeTrust(func(k *keySet) error {
		state := k.state
		if !state.Authorities.turn() {
			return fmt.Errorf("%w: none is announced", ErrRotation)
		}
		all := slices.Clone(k.authorities)
		all[0], all[1] = all[1], all[0]
		return k.use(state, all, k.witnesses)
	})
	if err != nil {
		return fmt.Errorf("use the next authority: %w", err)
	}
	return nil
}

// DropAuthority ends a former authority, or one that was announced and never used: what it signed is
// refused from then on, and its key is destroyed. A station that still has its certificate from it, or has
// not learned of the current one, must enrol anew. One whose key was stolen is dropped at once; until a
// station has taken the trust without it, the thief can speak to it as the room.
func (c *Central) DropAuthority(id wire.Digest) error {
	err := c.changeTrust(func(k *keySet) error {
		i := slices.IndexFunc(k.authorities, func(a *authority) bool { return a.id() == id })
		if i < 1 {
			return fmt.Errorf("%w: it is the current one, or unknown", ErrRotation)
		}
		state := k.state
		name := state.Authorities.drop(i)
		state.Dropped = append(slices.Clone(state.Dropped), name)
		if err := k.use(state, slices.Delete(slices.Clone(k.authorities), i, i+1), k.witnesses); err != nil {
			return err
		}
		k.server = nil // its chain may name the one that is gone
		return k.remove(name)
	})
	if err != nil {
		return fmt.Errorf("drop authority: %w", err)
	}
	return nil
}

// NextWitness makes the key that the witness will sign with after the current one, and announces it in
// the trust. From now on journals are countersigned with both.
func (c *Central) NextWitness() (vkey string, err error) {
	err = c.changeTrust(func(k *keySet) error {
		state := k.state
		r := &state.Witnesses
		if r.Next {
			vkey = k.witnesses[1].Vkey()
			return nil
		}
		if len(r.InForce) == min(wire.MaxWitnesses, checkpoint.MaxWitnesses) {
			return fmt.Errorf("%w: %d keys are in use, drop one first", ErrRotation, len(r.InForce))
		}
		next, err := openWitness(k.dir, r.announce(witnessName), k.config.Name)
		if err != nil {
			return err
		}
		vkey = next.Vkey()
		return k.use(state, k.authorities, slices.Insert(slices.Clone(k.witnesses), 1, next))
	})
	if err != nil {
		return "", fmt.Errorf("next witness: %w", err)
	}
	return vkey, nil
}

// UseNextWitness makes the announced key the witness's current one; the one before it still countersigns
// as well, until DropWitness.
func (c *Central) UseNextWitness() error {
	err := c.changeTrust(func(k *keySet) error {
		state := k.state
		if !state.Witnesses.turn() {
			return fmt.Errorf("%w: none is announced", ErrRotation)
		}
		all := slices.Clone(k.witnesses)
		all[0], all[1] = all[1], all[0]
		return k.use(state, k.authorities, all)
	})
	if err != nil {
		return fmt.Errorf("use the next witness: %w", err)
	}
	return nil
}

// DropWitness ends a former key of the witness, or one that was announced and never used: it countersigns
// nothing more and is destroyed. What it signed stays good for who has its verifier key.
func (c *Central) DropWitness(vkey string) error {
	err := c.changeTrust(func(k *keySet) error {
		i := slices.IndexFunc(k.witnesses, func(w *checkpoint.Cosigner) bool { return w.Vkey() == vkey })
		if i < 1 {
			return fmt.Errorf("%w: it is the current one, or unknown", ErrRotation)
		}
		state := k.state
		name := state.Witnesses.drop(i)
		state.Dropped = append(slices.Clone(state.Dropped), name)
		if err := k.use(state, k.authorities, slices.Delete(slices.Clone(k.witnesses), i, i+1)); err != nil {
			return err
		}
		return k.remove(name)
	})
	if err != nil {
		return fmt.Errorf("drop witness: %w", err)
	}
	return nil
}

// changeTrust makes one step, alone, and tells who waits for news.
func (c *Central) changeTrust(step func(*keySet) error) error {
	c.authority.mu.Lock()
	err := step(c.authority)
	c.authority.mu.Unlock()
	c.news.tell()
	return err
}

// announce puts a new key after the current one and gives its name.
func (r *roles) announce(kind string) (name string) {
	r.Made++
	name = fmt.Sprintf("%s-%d", kind, r.Made)
	r.InForce, r.Next = slices.Insert(slices.Clone(r.InForce), 1, name), true
	return name
}

// turn makes the announced key the current one.
func (r *roles) turn() bool {
	if !r.Next {
		return false
	}
	r.InForce, r.Next = slices.Clone(r.InForce), false
	r.InForce[0], r.InForce[1] = r.InForce[1], r.InForce[0]
	return true
}

// drop takes the key at a place away and gives its name.
func (r *roles) drop(i int) (name string) {
	name = r.InForce[i]
	r.InForce = slices.Delete(slices.Clone(r.InForce), i, i+1)
	if i == 1 {
		r.Next = false
	}
	return name
}

// AuthorityStations are the enrolled stations whose newest certificate is an authority's, or may be: they
// would be locked out by DropAuthority until they enrol anew.
func (c *Central) AuthorityStations(ctx context.Context, id wire.Digest) ([]wire.StationID, error) {
	all := c.Authorities()
	i := slices.IndexFunc(all, func(a *x509.Certificate) bool { return wire.AuthorityID(a) == id })
	if i < 0 {
		return nil, fmt.Errorf("authority's stations: %w: it is unknown", ErrRotation)
	}
	rows, err := c.read.QueryContext(ctx, `SELECT k.station, k.der FROM certificates k JOIN stations s ON s.id = k.station AND s.generation = k.generation
		WHERE s.revoked_at = 0 AND s.generation = (SELECT MAX(n.generation) FROM stations n WHERE n.id = s.id)
		AND k.number = (SELECT MAX(n.number) FROM certificates n WHERE n.station = k.station AND n.generation = k.generation)
		ORDER BY k.station`)
	if err != nil {
		return nil, fmt.Errorf("look up certificates: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var stations []wire.StationID
	for rows.Next() {
		var station wire.StationID
		var der []byte
		if err := rows.Scan(&station, &der); err != nil {
			return nil, fmt.Errorf("read certificate: %w", err)
		}
		certificate, err := x509.ParseCertificate(der)
		if err != nil || certificate.CheckSignatureFrom(all[i]) == nil && c.now().Before(certificate.NotAfter) {
			stations = append(stations, station)
		}
	}
	return stations, rows.Err()
}
