package receipt

import (
	"context"
	"fmt"
	"image"

	"espero-soft.com/printroom/printer/postal"
)

// Sheet finds the sheet code of a scanned page. hint is where the code usually
// stands, in the image's pixels: it is looked at first, and so is the same place
// of a page that lies upside down. An empty hint means anywhere. [ErrNoCode] if
// the page has none.
func Sheet(ctx context.Context, img image.Image, hint image.Rectangle) (postal.SheetCode, error) {
	page := toPlane(img)
	b := img.Bounds()
	for _, at := range [2]image.Rectangle{hint, {Min: b.Max.Add(b.Min).Sub(hint.Max), Max: b.Max.Add(b.Min).Sub(hint.Min)}} {
		part := page.crop(at)
		for _, scale := range [...]int{2, 1} {
			if min(part.w, part.h)/scale < 24 {
				continue
			}
			s := &search{page: part}
			if err := s.pass(ctx, scale, false); err != nil {
				return postal.SheetCode{}, fmt.Errorf("reading a sheet code: %w", err)
			}
			if code, ok := sheetCode(s.codes()); ok {
				return code, nil
			}
		}
	}
	codes, err := read(ctx, page, false)
	if code, ok := sheetCode(codes); ok {
		return code, nil
	}
	if err != nil {
		return postal.SheetCode{}, fmt.Errorf("reading a sheet code: %w", err)
	}
	return postal.SheetCode{}, ErrNoCode
}

func sheetCode(codes []Code) (postal.SheetCode, bool) {
	for _, c := range codes {
		if c.Symbology == DataMatrix {
			if code, err := postal.ParseSheetCode(c.Text); err == nil {
				return code, true
			}
		}
	}
	return postal.SheetCode{}, false
}
