package receipt

import "github.com/makiuchi-d/gozxing"

// fixed is a gozxing binarizer over pixels that are black or white already.
type fixed struct{ bits *gozxing.BitMatrix }

var _ gozxing.Binarizer = fixed{}

// GetLuminanceSource has nothing to give: the readers used here do not ask.
func (f fixed) GetLuminanceSource() gozxing.LuminanceSource { return nil }

// GetBlackRow copies one row.
func (f fixed) GetBlackRow(y int, row *gozxing.BitArray) (*gozxing.BitArray, error) {
	return f.bits.GetRow(y, row), nil
}

// GetBlackMatrix is all pixels.
func (f fixed) GetBlackMatrix() (*gozxing.BitMatrix, error) { return f.bits, nil }

// CreateBinarizer stays with these pixels, whatever the source.
func (f fixed) CreateBinarizer(gozxing.LuminanceSource) gozxing.Binarizer { return f }

// GetWidth is in pixels.
func (f fixed) GetWidth() int { return f.bits.GetWidth() }

// GetHeight is in pixels.
func (f fixed) GetHeight() int { return f.bits.GetHeight() }
