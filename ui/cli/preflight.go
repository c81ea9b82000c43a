package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"espero-soft.com/printroom/printer/ipp"
	"espero-soft.com/printroom/printer/preflight"
	"espero-soft.com/printroom/printer/render"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/vault/memory"
)

// Renderer draws documents in a sandbox.
type Renderer interface {
	Check(ctx context.Context) error
	Render(ctx context.Context, r render.Request, emit func(render.Page) error) (render.Report, error)
	Close() error
}

const (
	checkDPI    = 150
	maxDocument = 64 << 20 // bytes, as the renderer's own limit
)

// checked is what preflight --json writes of one file.
type checked struct {
	File     string         `json:"file"`
	OK       bool           `json:"ok"` // no errors; warnings hold no letter
	Fault    string         `json:"fault,omitempty"`
	Cause    string         `json:"cause,omitempty"`
	Pages    int            `json:"pages"`
	Sizes    []checkedSize  `json:"sizes"`
	Findings []checkedFault `json:"findings"`
}

type checkedSize struct {
	Width  float64 `json:"width_mm"`
	Height float64 `json:"height_mm"`
}

type checkedFault struct {
	Code  preflight.Code `json:"code"`
	Error bool           `json:"error"`
	Pages []int          `json:"pages"` // from 1; empty where it is about the whole
	Text  string         `json:"text"`
}

func (p *Program) preflight() *cobra.Command {
	var asJSON bool
	var terms preflight.Terms
	cmd := &cobra.Command{
		Use:   "preflight FILE...",
		Short: "Say what is wrong with a letter's PDF, as the print room would find it",
		Long: `Draws each file in the sandbox, as letters are, and says how many pages it has,
how large they are and what was found. Exit code 1 when a file would be held.

With --json one line a file:
{"file","ok","fault","cause","pages","sizes":[{"width_mm","height_mm"}],
"findings":[{"code","error","pages":[NUMBER],"text"}]}.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) (err error) {
			renderer, err := p.Renderer()
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, renderer.Close()) }()
			held := false
			for _, file := range files {
				c := p.check(cmd.Context(), renderer, file, terms)
				held = held || !c.OK
				if asJSON {
					err = writeJSON(cmd.OutOrStdout(), c)
				} else {
					err = c.print(cmd.OutOrStdout(), p.Texts)
				}
				if err != nil {
					return err
				}
			}
			if held {
				return errTold
			}
			return nil
		},
	}
	cmd.Flags().IntVar(&terms.Pages, "pages", 0, "pages that were paid for (default: not known)")
	cmd.Flags().BoolVar(&terms.Colour, "colour", false, "the letter was paid in colour")
	jsonFlag(cmd, &asJSON)
	return cmd
}

// check draws one file. What keeps it from being drawn is a fault of the file's.
func (p *Program) check(ctx context.Context, r Renderer, file string, terms preflight.Terms) checked {
	c := checked{File: file, Sizes: []checkedSize{}, Findings: []checkedFault{}}
	document, err := readBounded(file, maxDocument)
	if err == nil {
		defer memory.Wipe(document)
		err = c.draw(ctx, r, document, terms)
	}
	if err != nil {
		c.Cause = err.Error()
		var f *station.Fault
		if errors.As(station.Explain(err), &f) {
			c.Fault = string(f.Code)
		}
		return c
	}
	c.OK = true
	for i, f := range c.Findings {
		c.Findings[i].Text = p.Texts.Say("preflight." + string(f.Code))
		c.OK = c.OK && !f.Error
	}
	return c
}

func (c *checked) draw(ctx context.Context, r Renderer, document []byte, terms preflight.Terms) error {
	check := preflight.New(terms)
	report, err := r.Render(ctx, render.Request{Document: document, DPI: checkDPI, Colour: terms.Colour}, func(page render.Page) error {
		check.Page(page, checkDPI)
		return nil
	})
	if err == nil && !terms.Colour {
		_, err = r.Render(ctx, render.Request{Document: document, DPI: preflight.ColourDPI, Colour: true}, func(page render.Page) error {
			check.Colours(page, preflight.ColourDPI)
			return nil
		})
	}
	if err == nil && report.Faults > 0 {
		err = &station.Fault{Code: station.DocumentCorrupt, Err: fmt.Errorf("%d errors in the pages: something would be missing on paper", report.Faults)}
	}
	if err != nil {
		return err
	}
	check.Document(report)
	c.Pages = report.Pages
	for _, s := range report.Sizes {
		c.Sizes = append(c.Sizes, checkedSize{millimetres(s.Width), millimetres(s.Height)})
	}
	for _, f := range check.Findings() {
		c.Findings = append(c.Findings, checkedFault{Code: f.Code, Error: f.Code.Error(), Pages: append([]int{}, f.Pages...)})
	}
	return nil
}

// millimetres is a length in points, to a tenth.
func millimetres(points float64) float64 { return float64(int(points*254/72+0.5)) / 10 }

func (c checked) print(w io.Writer, t *language.Texts) error {
	var b strings.Builder
	file := ipp.Shown(c.File) // a name may be anybody's, and steer a terminal
	if c.Fault != "" {
		key := "fault." + c.Fault
		fmt.Fprintf(&b, "%s: %s\n  %s\n  (%s)\n", file, t.Say(key+".what"), t.Say(key+".do"), ipp.Shown(c.Cause))
		_, err := io.WriteString(w, b.String())
		return err
	}
	fmt.Fprintf(&b, "%s: %s\n", file, t.Say("preflight.summary", language.Args{"Count": c.Pages, "Sizes": c.sizes()}))
	for _, f := range c.Findings {
		severity := "preflight.severity.warning"
		if f.Error {
			severity = "preflight.severity.error"
		}
		fmt.Fprintf(&b, "  %s: %s", t.Say(severity), f.Text)
		if len(f.Pages) > 0 {
			fmt.Fprintf(&b, " (%s)", t.Say("preflight.pages", language.Args{"Count": len(f.Pages), "Pages": numbers(f.Pages)}))
		}
		b.WriteString("\n")
	}
	if len(c.Findings) == 0 {
		fmt.Fprintf(&b, "  %s\n", t.Say("preflight.none"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// sizes names each size once, in the order of the pages.
func (c checked) sizes() string {
	var names []string
	for _, s := range c.Sizes {
		if name := fmt.Sprintf("%.0f × %.0f mm", s.Width, s.Height); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

func numbers(pages []int) string {
	words := make([]string, len(pages))
	for i, n := range pages {
		words[i] = fmt.Sprint(n)
	}
	return strings.Join(words, ", ")
}

// readBounded reads a file of at most limit bytes, or refuses it.
func readBounded(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%s has more than %d bytes", path, limit)
	}
	return data, nil
}
