package pwg

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// maxRun is the most pixels one control byte can speak for: 0…127 repeats the
// next pixel 1…128 times, 255…129 precedes 2…128 different pixels. (128 is
// reserved.) PWG 5102.4 section 4.4.1.
const maxRun = 128

// appendLine appends one encoded row of whole pixels.
func appendLine(out, row []byte, depth int) []byte {
	if depth == 1 {
		return appendGray(out, row)
	}
	return appendRGB(out, row)
}

func appendGray(out, row []byte) []byte {
	for len(row) > 0 {
		if n := sameGray(row); n > 1 {
			pixel := row[0]
			row = row[n:]
			for n > maxRun {
				out = append(out, maxRun-1, pixel)
				n -= maxRun
			}
			out = append(out, byte(n-1), pixel)
			continue
		}
		n := differentGray(row)
		out = appendLiteral(out, row[:n], n)
		row = row[n:]
	}
	return out
}

// appendLiteral appends n different pixels; a single one has only the form of
// a repetition.
func appendLiteral(out, pixels []byte, n int) []byte {
	if n == 1 {
		return append(append(out, 0), pixels...)
	}
	return append(append(out, byte(257-n)), pixels...)
}

// sameGray is the length of the run of equal bytes row begins with. It looks
// at eight bytes at a time: white is nearly all there is on a letter.
func sameGray(row []byte) int {
	first := row[0]
	n := 1
	if len(row) < 2 || row[1] != first {
		return n
	}
	pattern := uint64(first) * 0x0101010101010101
	for n+8 <= len(row) {
		if diff := binary.LittleEndian.Uint64(row[n:]) ^ pattern; diff != 0 {
			return n + bits.TrailingZeros64(diff)/8
		}
		n += 8
	}
	for n < len(row) && row[n] == first {
		n++
	}
	return n
}

// differentGray is how many bytes to send as they are: up to the next two
// equal ones.
func differentGray(row []byte) int {
	end := min(len(row), maxRun)
	for n := 1; n < end; n++ {
		if row[n] == row[n-1] {
			return n - 1
		}
	}
	if end < len(row) && row[end] == row[end-1] {
		return end - 1
	}
	return end
}

func appendRGB(out, row []byte) []byte {
	for len(row) > 0 {
		if n := sameRGB(row); n > 1 {
			pixel := row[:3]
			row = row[3*n:]
			for n > maxRun {
				out = append(append(out, maxRun-1), pixel...)
				n -= maxRun
			}
			out = append(append(out, byte(n-1)), pixel...)
			continue
		}
		n := differentRGB(row)
		out = appendLiteral(out, row[:3*n], n)
		row = row[3*n:]
	}
	return out
}

// sameRGB is the run of equal pixels row begins with: a row that equals itself
// one pixel later is uniform so far.
func sameRGB(row []byte) int {
	n := 3
	for n+8 <= len(row) {
		if diff := binary.LittleEndian.Uint64(row[n:]) ^ binary.LittleEndian.Uint64(row[n-3:]); diff != 0 {
			return (n + bits.TrailingZeros64(diff)/8) / 3
		}
		n += 8
	}
	for n < len(row) && row[n] == row[n-3] {
		n++
	}
	return n / 3
}

func differentRGB(row []byte) int {
	end := min(len(row)/3, maxRun)
	for n := 1; n < end; n++ {
		if bytes.Equal(row[3*n:3*n+3], row[3*n-3:3*n]) {
			return n - 1
		}
	}
	if 3*end < len(row) && bytes.Equal(row[3*end:3*end+3], row[3*end-3:3*end]) {
		return end - 1
	}
	return end
}
