package theme

import (
	"bytes"
	"encoding/hex"
	"image/color"

	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/assets"
)

// icons colours the embedded icons and keeps what it coloured.
type icons struct {
	done map[string]fyne.Resource // by file name and colour
}

func newIcons() *icons { return &icons{done: make(map[string]fyne.Resource)} }

// in returns an icon in a colour; one that is not embedded is an empty
// picture.
func (i *icons) in(name string, c color.NRGBA) fyne.Resource {
	hue := hex.EncodeToString([]byte{c.R, c.G, c.B})
	file := name + "-" + hue + ".svg"
	if r, ok := i.done[file]; ok {
		return r
	}
	data, err := assets.Icons.ReadFile("icons/" + name + ".svg")
	if err != nil {
		data = []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24"></svg>`)
	}
	r := fyne.NewStaticResource(file, bytes.ReplaceAll(data, []byte("currentColor"), []byte("#"+hue)))
	i.done[file] = r
	return r
}

// IconIn returns an icon of assets/icons in a colour.
func (t *Theme) IconIn(name string, c Colour) fyne.Resource { return t.icons.in(name, t.Of(c)) }
