//go:build !long

package second_test

// edited is how often each way of tampering is tried.
const edited = 10
