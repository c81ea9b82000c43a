// Package assets embeds what the window shows besides its widgets: icons and
// translations. Postal data and fonts are packages of their own below it.
package assets

import "embed"

// Icons holds icons/*.svg: Lucide (ISC licence, icons/LICENSE), one stroke
// width, drawn in currentColor, 24 × 24.
//
//go:embed icons/*.svg icons/LICENSE
var Icons embed.FS

// AppIcon is the program's own icon, PNG, 512 × 512.
//
//go:embed icons/app/app.png
var AppIcon []byte

// Translations holds translations/<area>.<language>.json, the program's messages
// by screen, and translations/toolkit/toolkit.<language>.json, those of the widget
// toolkit, which ships no Dutch. Both are keyed objects; a message is a string or an object
// with the plural forms "one" and "other".
//
//go:embed translations/*.json translations/toolkit/*.json
var Translations embed.FS
