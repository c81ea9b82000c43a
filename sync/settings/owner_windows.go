package settings

import "io/fs"

// On Windows the profile's inherited access control list keeps other people
// out; Go's mode bits say nothing about it.
func writableByOthers(fs.FileInfo) bool { return false }

func private(fs.FileInfo) error { return nil }
