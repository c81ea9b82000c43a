package screens

import "fyne.io/fyne/v2"

// Rune takes a digit that chooses a tile.
func (u *Unlock) Rune(r rune) {
	if i := int(r - '1'); i >= 0 && i < len(u.people) && i < 9 {
		u.choose(i)
	}
}

// pinKey leaves the field for the tiles.
func (u *Unlock) pinKey(ev *fyne.KeyEvent) bool {
	switch ev.Name {
	case fyne.KeyUp, fyne.KeyEscape:
		u.pin.Wipe()
		u.toTile(max(u.model.Chosen, 0))
		return true
	}
	return false
}

// tileKey moves between tiles with the arrows.
func (u *Unlock) tileKey(i int, ev *fyne.KeyEvent) bool {
	columns := u.tiles.Columns(u.tiles.Size().Width)
	var to int
	switch ev.Name {
	case fyne.KeyLeft:
		to = i - 1
	case fyne.KeyRight:
		to = i + 1
	case fyne.KeyUp:
		to = i - columns
	case fyne.KeyDown:
		to = i + columns
		if to >= len(u.people) && u.model.Ready() {
			u.toPIN()
			return true
		}
	default:
		return false
	}
	if to >= 0 && to < len(u.people) {
		u.toTile(to)
	}
	return true
}
