package render

import "fmt"

// interactive are pages whose letter lies partly in annotations and form
// fields, with and without appearances of their own.
func interactive() []compared {
	form := func(box, contents string) string {
		return stream("/Type/XObject/Subtype/Form/BBox["+box+"]/Resources<</Font<</F1 5 0 R>>>>", contents)
	}
	annotated := func(annots string, more ...string) []byte {
		return onePage(a4+"/Annots["+annots+"]", someText, more...)
	}
	acro := func(fields, annots string, more ...string) []byte {
		return catalogued("/AcroForm<</DA(/F1 12 Tf 0 g)/DR<</Font<</F1 5 0 R>>>>/Fields["+fields+"]>>",
			a4+"/Annots["+annots+"]", someText, more...)
	}
	const signed = "1 0 0 RG 3 w 2 2 196 46 re S BT /F1 20 Tf 1 0 0 rg 12 16 Td (SIGNED 2026) Tj ET"
	return []compared{
		{name: "stamp", annots: 1, document: annotated("6 0 R",
			"<</Type/Annot/Subtype/Stamp/Rect[300 200 500 250]/F 4/AP<</N 7 0 R>>>>", form("0 0 200 50", signed))},
		{name: "stamp without appearance", annots: 1, document: annotated("6 0 R",
			"<</Type/Annot/Subtype/Stamp/Name/Approved/Rect[300 200 500 250]/F 4>>")},
		{name: "ink", annots: 1, document: annotated("6 0 R",
			"<</Type/Annot/Subtype/Ink/Rect[100 100 320 220]/F 4/C[0 0 .6]/BS<</W 3>>/InkList[[110 110 150 200 200 120 250 210 310 110]]>>")},
		{name: "free text", annots: 1, document: annotated("6 0 R",
			"<</Type/Annot/Subtype/FreeText/Rect[100 300 400 360]/F 4/DA(/Helv 18 Tf 0 0 1 rg)/Contents(Please post today)>>")},
		{name: "square and highlight", annots: 2, document: annotated("6 0 R 7 0 R",
			"<</Type/Annot/Subtype/Square/Rect[60 680 360 730]/F 4/C[1 0 0]/BS<</W 4>>>>",
			"<</Type/Annot/Subtype/Highlight/Rect[70 690 250 725]/F 4/C[1 1 0]/QuadPoints[72 722 240 722 72 692 240 692]>>")},
		{name: "hidden beside visible", annots: 1, document: annotated("6 0 R 8 0 R",
			"<</Type/Annot/Subtype/Stamp/Rect[300 200 500 250]/F 4/AP<</N 7 0 R>>>>", form("0 0 200 50", signed),
			"<</Type/Annot/Subtype/Stamp/Rect[300 500 500 550]/F 6/AP<</N 7 0 R>>>>")},
		{name: "filled field", widgets: 1, document: acro("6 0 R", "6 0 R",
			"<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(Jane Citizen)/Rect[100 500 400 540]/F 4/P 3 0 R/DA(/F1 16 Tf 0 g)/AP<</N 7 0 R>>>>",
			form("0 0 300 40", "/Tx BMC q BT /F1 16 Tf 0 g 4 12 Td (Jane Citizen) Tj ET Q EMC"))},
		{name: "filled field without appearance", widgets: 1, document: acro("6 0 R", "6 0 R",
			"<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(Jane Citizen)/Rect[100 500 400 540]/F 4/P 3 0 R/DA(/F1 16 Tf 0 g)/MK<</BC[0 0 1]>>>>")},
		{name: "check box", widgets: 2, document: acro("6 0 R 9 0 R", "6 0 R 9 0 R",
			checkBox(100, "Yes"),
			form("0 0 20 20", "0 0 1 RG 1 1 18 18 re S 3 w 4 4 m 16 16 l 4 16 m 16 4 l S"),
			form("0 0 20 20", "0 0 1 RG 1 1 18 18 re S"),
			checkBox(140, "Off"))},
	}
}

func checkBox(x int, state string) string {
	return fmt.Sprintf("<</Type/Annot/Subtype/Widget/FT/Btn/T(box%d)/V/%s/AS/%s/Rect[%d 600 %d 620]/F 4/P 3 0 R/AP<</N<</Yes 7 0 R/Off 8 0 R>>>>>>",
		x, state, state, x, x+20)
}
