// Package ipp speaks IPP 2.0 with a printer: the encoding of RFC 8010 and the
// few operations of RFC 8011 that printing one letter takes.
//
// A printer is not trusted: answers are bounded, what is shown of them is
// escaped, numbers that make no sense are refused, and over the network only a
// printer whose certificate was pinned is spoken to.
package ipp
