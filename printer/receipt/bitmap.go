package receipt

import "github.com/makiuchi-d/gozxing"

// bitmap is a gozxing binarizer over pixels that are black or white already.
type bitmap struct{ bits *gozxing.BitMatrix }

var _ gozxing.Binarizer = bitmap{}

// GetLuminanceSource has nothing to give: the readers used here do not ask.
func (f bitmap) GetLuminanceSource() gozxing.LuminanceSource { return nil }

// GetBlackRow copies one row.
func (f bitmap) GetBlackRow(y int, row *gozxing.BitArray) (*gozxing.BitArray, error) {
	return f.bits.GetRow(y, row), nil
}

// GetBlackMatrix is all pixels.
func (f bitmap) GetBlackMatrix() (*gozxing.BitMatrix, error) { return f.bits, nil }

// CreateBinarizer stays with these pixels, whatever the source.
func (f bitmap) CreateBinarizer(gozxing.LuminanceSource) gozxing.Binarizer { return f }

// GetWidth is in pixels.
func (f bitmap) GetWidth() int { return f.bits.GetWidth() }

// GetHeight is in pixels.
func (f bitmap) GetHeight() int { return f.bits.GetHeight() }
