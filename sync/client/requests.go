package client

import (
	"context"
	"fmt"
	"net/url"

	"espero-soft.com/printroom/sync/wire"
)

// Trust asks whom the room trusts; SignedTrust.Open verifies it. No client certificate is needed.
func (c *Client) Trust(ctx context.Context) (wire.SignedTrust, error) {
	var a wire.SignedTrust
	if err := c.call(ctx, "GET", "/trust", nil, &a); err != nil {
		return a, fmt.Errorf("get trust: %w", err)
	}
	return a, nil
}

// Enrol shows central the TPM and its keys. No client certificate is needed.
func (c *Client) Enrol(ctx context.Context, r wire.EnrolmentRequest) (wire.Enrolment, error) {
	var a wire.Enrolment
	if err := c.call(ctx, "POST", "/enrolments", r, &a); err != nil {
		return a, fmt.Errorf("enrol: %w", err)
	}
	if len(a.Challenge.Credential) == 0 || len(a.Challenge.Secret) == 0 {
		return a, fmt.Errorf("enrol: %w: it has no challenge", ErrAnswer)
	}
	return a, same("enrol", r.ID, a.ID)
}

// Activate answers the challenge of an enrolment. No client certificate is needed.
func (c *Client) Activate(ctx context.Context, enrolment wire.UUID, r wire.ActivationRequest) (wire.Activation, error) {
	var a wire.Activation
	if err := c.call(ctx, "POST", "/enrolments/"+url.PathEscape(enrolment)+"/activation", r, &a); err != nil {
		return a, fmt.Errorf("activate: %w", err)
	}
	if len(a.Certificates) == 0 || len(a.Authority) == 0 || a.Station == "" || a.Log == "" || a.Witness == "" {
		return a, fmt.Errorf("activate: %w: it is incomplete", ErrAnswer)
	}
	return a, nil
}

// Certificate renews the client certificate for the same K_tls. ProblemRenewalEarly as long as it need not be.
func (c *Client) Certificate(ctx context.Context, r wire.CertificateRequest) (wire.Certificates, error) {
	var a wire.Certificates
	if err := c.call(ctx, "POST", "/certificate", r, &a); err != nil {
		return a, fmt.Errorf("renew certificate: %w", err)
	}
	if len(a.Certificates) == 0 {
		return a, fmt.Errorf("renew certificate: %w: there is none in it", ErrAnswer)
	}
	return a, nil
}

// GrantPIN has a PIN's setting signed, for a one-time code.
func (c *Client) GrantPIN(ctx context.Context, r wire.PINGrantRequest) (wire.PINGrant, error) {
	var a wire.PINGrant
	if err := c.call(ctx, "POST", "/pins", r, &a); err != nil {
		return a, fmt.Errorf("grant PIN: %w", err)
	}
	if len(a.AuthSignature) == 0 || len(a.WriteSignature) == 0 {
		return a, fmt.Errorf("grant PIN: %w: it is incomplete", ErrAnswer)
	}
	return a, nil
}

// Staff gets the signed list of people and the policy; SignedStaff.Open verifies it.
func (c *Client) Staff(ctx context.Context) (wire.SignedStaff, error) {
	var a wire.SignedStaff
	if err := c.call(ctx, "GET", "/staff", nil, &a); err != nil {
		return a, fmt.Errorf("get staff: %w", err)
	}
	return a, nil
}

// Claim leases letters. A claim without jobs leases nothing.
func (c *Client) Claim(ctx context.Context, r wire.ClaimRequest) (wire.Claim, error) {
	var a wire.Claim
	if err := c.call(ctx, "POST", "/claims", r, &a); err != nil {
		return a, fmt.Errorf("claim: %w", err)
	}
	if len(a.Jobs) > r.Max {
		return a, fmt.Errorf("claim: %w: %d letters, %d asked for", ErrAnswer, len(a.Jobs), r.Max)
	}
	if len(a.Jobs) > 0 && (a.FencingToken < 1 || len(a.SealedKey) == 0 || a.ExpiresAt.IsZero()) {
		return a, fmt.Errorf("claim: %w: it is incomplete", ErrAnswer)
	}
	return a, same("claim", r.ID, a.ID)
}

// Renew extends a claim's lease.
func (c *Client) Renew(ctx context.Context, claim wire.UUID, r wire.RenewalRequest) (wire.Renewal, error) {
	var a wire.Renewal
	if err := c.call(ctx, "POST", "/claims/"+url.PathEscape(claim)+"/renewal", r, &a); err != nil {
		return a, fmt.Errorf("renew claim: %w", err)
	}
	return a, nil
}

// Release gives letters of a claim back that are on no paper.
func (c *Client) Release(ctx context.Context, claim wire.UUID, r wire.ReleaseRequest) (wire.Release, error) {
	var a wire.Release
	if err := c.call(ctx, "POST", "/claims/"+url.PathEscape(claim)+"/release", r, &a); err != nil {
		return a, fmt.Errorf("release: %w", err)
	}
	return a, nil
}

// Report sends events and gets one verdict each, in the same order.
func (c *Client) Report(ctx context.Context, r wire.EventBatch) (wire.Verdicts, error) {
	var a wire.Verdicts
	if err := c.call(ctx, "POST", "/events", r, &a); err != nil {
		return a, fmt.Errorf("report events: %w", err)
	}
	if len(a.Verdicts) != len(r.Events) {
		return a, fmt.Errorf("report events: %w: %d verdicts on %d events", ErrAnswer, len(a.Verdicts), len(r.Events))
	}
	for i, v := range a.Verdicts {
		if v.ID != r.Events[i].ID || !v.Verdict.Valid() || (v.Verdict == wire.VerdictRefused && v.Problem == nil) {
			return a, fmt.Errorf("report events: %w: verdict %d is not on event %d", ErrAnswer, i, i)
		}
	}
	return a, nil
}

// Deposit closes a deposit under a client-made id.
func (c *Client) Deposit(ctx context.Context, id wire.UUID, r wire.DepositRequest) (wire.Deposit, error) {
	var a wire.Deposit
	if err := c.call(ctx, "PUT", "/deposits/"+url.PathEscape(id), r, &a); err != nil {
		return a, fmt.Errorf("report deposit: %w", err)
	}
	return a, same("report deposit", id, a.ID)
}

// Receipt announces a receipt under a client-made id.
func (c *Client) Receipt(ctx context.Context, id wire.UUID, r wire.ReceiptRequest) (wire.Receipt, error) {
	var a wire.Receipt
	if r.Numbers == nil {
		r.Numbers = []wire.RegisteredNumber{} // the contract wants a list, empty or not
	}
	if err := c.call(ctx, "PUT", "/receipts/"+url.PathEscape(id), r, &a); err != nil {
		return a, fmt.Errorf("report receipt: %w", err)
	}
	return a, same("report receipt", id, a.ID)
}

// ReceiptImage sends the picture of a receipt that was announced.
func (c *Client) ReceiptImage(ctx context.Context, id wire.UUID, media wire.MediaType, picture []byte) (wire.Receipt, error) {
	var a wire.Receipt
	if err := c.send(ctx, "PUT", "/receipts/"+url.PathEscape(id)+"/image", string(media), picture, &a); err != nil {
		return a, fmt.Errorf("send receipt's picture: %w", err)
	}
	return a, same("send receipt's picture", id, a.ID)
}

// JournalEntries hands entries over, exactly as they stand in the journal.
func (c *Client) JournalEntries(ctx context.Context, r wire.JournalEntries) (wire.JournalSize, error) {
	var a wire.JournalSize
	if err := c.call(ctx, "POST", "/journal/entries", r, &a); err != nil {
		return a, fmt.Errorf("push journal: %w", err)
	}
	return a, same("push journal", r.Log, a.Log)
}

// JournalCheckpoint has a signed checkpoint countersigned. The answer is not verified here:
// journal.Countersigned does.
func (c *Client) JournalCheckpoint(ctx context.Context, r wire.SignedNote) (wire.SignedNote, error) {
	var a wire.SignedNote
	if err := c.call(ctx, "POST", "/journal/checkpoint", r, &a); err != nil {
		return a, fmt.Errorf("countersign journal: %w", err)
	}
	if len(a.Note) > wire.MaxNote {
		return a, fmt.Errorf("countersign journal: %w: a note of %d bytes", ErrAnswer, len(a.Note))
	}
	return a, nil
}

// same refuses an answer that is about something else than was asked.
func same(what, asked, answered string) error {
	if asked != answered {
		return fmt.Errorf("%s: %w: it is about another id", what, ErrAnswer)
	}
	return nil
}
