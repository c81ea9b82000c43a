package letter

import "espero-soft.com/printroom/printer/postal"

// words are a product's name on paper: the room's two main languages large, the
// other two below. A page goes to somebody whose language nobody knows.
type words struct{ title, below string }

func productWords(p postal.Product) words {
	switch p {
	case postal.Priority:
		return words{"Prioritaire · Prioritair", "Vorrangig · Priority"}
	case postal.Registered:
		return words{"Recommandé · Aangetekend", "Einschreiben · Registered"}
	case postal.International:
		return words{"International · Internationaal", "Auslandspost · International"}
	default:
		return words{"Non prioritaire · Niet-prioritair", "Nicht vorrangig · Non-priority"}
	}
}

// Words that stand on the two documents, in four languages.
const (
	wordSender   = "Expéditeur · Afzender · Absender · Sender"
	wordContents = "Contenu · Inhoud · Inhalt · Contents"
	wordCode     = "Référence · Referentie · Zeichen · Reference"
	wordSlip     = "Bordereau de dépôt · Afgiftelijst"
	wordSlipToo  = "Einlieferungsliste · Deposit slip"
	wordNumber   = "Numéro · Nummer"
	wordDate     = "Date · Datum"
	wordRoom     = "Atelier · Drukkerij"
	wordPieces   = "Envois · Zendingen"
	wordProduct  = "Produit · Product"
	wordTracking = "Numéro de recommandé · Aangetekend nummer"
	wordStamp    = "Cachet de bpost · Stempel van bpost"
	wordPage     = "page · pagina"
)

// Words of the test sheet.
const (
	wordTest       = "Feuille d’essai · Testblad"
	wordTestToo    = "Testseite · Test sheet"
	wordBack       = "Verso · Achterzijde"
	wordBackToo    = "Rückseite · Back — haut, boven, oben, top"
	wordPrinter    = "Imprimante · Printer · Drucker"
	wordModel      = "Modèle · Model · Modell"
	wordResolution = "Résolution · Resolutie · Auflösung"
	wordPaper      = "Papier · Paper"
	wordSides      = "Faces · Zijden · Seiten · Sides"
	wordInk        = "Couleur · Kleur · Farbe · Colour"
	wordOneSided   = "1"
	wordTwoSided   = "2"
	wordBlack      = "noir · zwart · schwarz · black"
	wordColour     = "couleur · kleur · Farbe · colour"
	wordMeasure    = "100 mm: mesurez · meet · messen · measure"
	wordScan       = "Scannez · Scan · Scannen"
)

func wordFollows() []string {
	return []string{
		"Votre lettre suit cette feuille.",
		"Uw brief volgt na dit blad.",
		"Ihr Brief folgt nach diesem Blatt.",
		"Your letter follows this sheet.",
	}
}

// wordSheets counts the sheets of an envelope, this one among them.
func wordSheets(n int) string {
	if n == 1 {
		return "feuille · blad · Blatt · sheet"
	}
	return "feuilles · bladen · Blätter · sheets"
}

// shortWords name a product in a table.
func shortWords(p postal.Product) string {
	switch p {
	case postal.Priority:
		return "Prior"
	case postal.Registered:
		return "Recommandé · Aangetekend"
	case postal.International:
		return "International"
	default:
		return "Non Prior"
	}
}
