//go:build !unix

package client

// syncDir does nothing: here a directory cannot be synced, and a rename that is lost is a download that
// is made again.
func syncDir(string) error { return nil }
