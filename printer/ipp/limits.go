package ipp

// Limits on what is believed of a printer. The largest answers seen (all
// attributes of an office press with its media database) are below 1 MiB.
const (
	maxMessage = 4 << 20 // bytes of attributes in one message
	maxValues  = 50_000  // values and groups in one message, members of collections included
	maxValue   = 1<<15 - 1
	maxName    = 255
	maxDepth   = 8   // collections within collections
	maxShown   = 200 // runes shown of one string
)
