package main

import (
	"bytes"
	"fmt"

	"github.com/jung-kurt/gofpdf"

	"espero-soft.com/printroom/assets/fonts"
)

// letterPDF is a plain business letter of n A4 pages: an embedded typeface, a
// frame and full pages of text.
func letterPDF(n int) ([]byte, error) {
	doc := gofpdf.New("P", "mm", "A4", "")
	doc.AddUTF8FontFromBytes("plex", "", bytes.Clone(fonts.Regular))
	doc.AddUTF8FontFromBytes("plex", "B", bytes.Clone(fonts.Bold))
	doc.SetDrawColor(40, 80, 160)
	for page := range n {
		doc.AddPage()
		doc.SetFont("plex", "B", 14)
		doc.Text(20, 24, fmt.Sprintf("Votre contrat, page %d de %d", page+1, n))
		doc.SetFont("plex", "", 10.5)
		for line := range 44 {
			doc.Text(20, 36+float64(line)*5.4,
				fmt.Sprintf("%d. Madame, Monsieur, veuillez trouver ci-joint le relevé n° %04d de l'année écoulée, à conserver.", line+1, page*44+line))
		}
		doc.Rect(15, 14, 180, 264, "D")
	}
	var b bytes.Buffer
	if err := doc.Output(&b); err != nil {
		return nil, fmt.Errorf("make a letter: %w", err)
	}
	return b.Bytes(), nil
}
