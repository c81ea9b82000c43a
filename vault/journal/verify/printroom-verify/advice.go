package main

import "espero-soft.com/printroom/vault/journal/verify"

// again is what to do about a file that may have been changed on its way.
const again = "keep this file, it may be evidence. Get the export again, straight from the station, and check that. " +
	"If it is refused too, compare it with central's copy of the log."

// advice says what a fault means and what to do, for who knows no hashes.
func advice(kind verify.FaultKind) (means, do string) {
	switch kind {
	case verify.FaultForm:
		return "a station did not write this line so. The file was damaged on its way, or edited.", again
	case verify.FaultOrder:
		return "entries were taken out, put in, repeated or moved at this place.", again
	case verify.FaultChain:
		return "this entry or the one before it was changed after it was written, or entries between them were exchanged.", again
	case verify.FaultLog:
		return "an entry of another station's log stands here.", again
	case verify.FaultSeal:
		return "the station and its witness did not sign just these entries: some were changed, added or dropped, or the keys given are not theirs.",
			"make sure that the keys are those of this log and come from central. Then " + again
	case verify.FaultStart:
		return "what the export says of the entries before it is not what was signed.", again
	case verify.FaultCut:
		return "the end of the file is missing.", again
	case verify.FaultKeys:
		return "without the log's keys nobody can tell who signed it.", "get the key file of this log from central and name it with --keys as well."
	case verify.FaultContinues:
		return "between these exports something is missing, or they are not in order.",
			"give the exports from the oldest to the newest, and the missing one between them. If none is missing: " + again
	case verify.FaultCheckpoint:
		return "central has countersigned entries that are not in these exports: they are an old copy, a part, or another history.",
			"have an export made that goes up to the checkpoint, from its first entry or after an export that you have. " +
				"If it is refused too, entries were dropped or written anew: keep the files and the checkpoint, they are evidence."
	}
	return "it is not as it was written.", again
}
