package viewmodel

import (
	"context"
	"slices"

	"espero-soft.com/printroom/sync/station"
)

// Printing acts on the running batch and on the letters that it put on paper.
type Printing interface {
	Colleagues
	PrintBatch(ctx context.Context, jobIDs []string) error
	// StopBatch ends the batch after the letter that is on its way.
	StopBatch()
	// CancelLetter calls the letter off that is on its way: it becomes
	// UNCERTAIN and the batch ends.
	CancelLetter(ctx context.Context) error
	Decide(ctx context.Context, d station.Decision) error
	// Retry lets a held letter be printed that is on no paper.
	Retry(ctx context.Context, job string) error
	// Scan takes a sheet's code: the piece was enveloped.
	Scan(ctx context.Context, text string) (station.Job, error)
	// Find returns the letter that a code names.
	Find(text string) (station.Job, bool)
}

// Press is the screen of the letters that are printed or being printed.
type Press struct {
	Piles    []Pile
	Pile     PileKey       // the one in sight
	Rows     []station.Job // its letters
	Selected string        // the chosen letter's id, "" for none
	Batch    *station.Batch
	Printer  station.Printer
	Trouble  *station.Fault // what the printer suffers from where it gives no reason
	Ask      *Ask           // the question about a letter that is open, nil for none
	Calling  bool           // the letter is being called off
	CallOff  string         // code of the letter that the person may call off, "" while not asked
	Deciding bool           // the station is told what a person decided
	Starting bool           // a batch was handed over and is not in a snapshot yet
	Scanned  *station.Job   // the piece that was scanned last
	Fault    *station.Fault
	Ready    bool // a first snapshot was shown
	// NoDecryption is that of the snapshot.
	NoDecryption station.FaultCode
	Changed      func()

	asks     *asks
	work     Printing
	person   string // pseudonym of who is there
	policy   station.Policy
	all      []station.Job
	printers []station.Printer
	decided  map[string]bool // sheets that were decided about, see sheetsOf
	running  string          // id of the batch that prints
	stays    bool            // the person is at work in the pile in sight
	latest   int             // number of the newest sorting
	acted    int             // number of the newest act
	asked    int             // number of the newest question
}

// NewPress returns a press that has seen no letter yet.
func NewPress(work Printing, post Poster) *Press {
	return &Press{asks: newAsks(post), work: work, decided: make(map[string]bool), Changed: func() {}}
}

// Show takes a newer snapshot. A locked station shows nothing.
func (p *Press) Show(s station.Snapshot) {
	if s.Person == nil {
		p.forget()
		return
	}
	p.person, p.policy, p.all, p.Batch, p.NoDecryption = s.Person.Pseudonym, s.Policy, s.Jobs, s.Batch, s.NoDecryption
	running := ""
	if s.Batch != nil {
		p.Starting = false
		if running = s.Batch.ID; running != p.running && p.Ask == nil {
			p.stays = false // a new batch is worth a look
		}
	}
	p.running = running
	p.printers = s.Printers
	p.Printer, p.Trouble = printerOf(s)
	if p.CallOff != "" && (s.Batch == nil || string(s.Batch.Current) != p.CallOff) {
		p.CallOff = "" // the question is of another letter
	}
	p.sort(running)
	p.Changed()
}

func (p *Press) forget() {
	p.latest++
	p.acted++
	p.drop()
	p.all, p.Piles, p.Rows, p.Pile, p.Selected, p.stays = nil, nil, nil, PileKey{}, "", false
	p.Batch, p.Printer, p.Trouble, p.CallOff = nil, station.Printer{}, nil, ""
	p.Calling, p.Deciding, p.Starting, p.Scanned, p.Fault, p.Ready = false, false, false, nil, nil, false
	p.person, p.running, p.printers = "", "", nil
	clear(p.decided)
	p.Changed()
}

// printerOf returns the printer that batches go to and, where it gives no
// reason for being in a bad way, the fault that the station met.
func printerOf(s station.Snapshot) (station.Printer, *station.Fault) {
	p := station.Printer{Name: s.PrinterName, Lamp: s.Printer}
	if i := slices.IndexFunc(s.Printers, func(p station.Printer) bool { return p.Chosen }); i >= 0 {
		p = s.Printers[i]
	}
	if p.Lamp != station.LampBad || len(p.Reasons) > 0 {
		return p, nil
	}
	f := &station.Fault{Code: station.PrinterOff}
	if s.LastFault != nil {
		switch s.LastFault.Code {
		case station.PrinterStopped, station.PrinterOff, station.PrinterRefused, station.Certificate:
			f = s.LastFault
		}
	}
	return p, f
}

// sort makes the piles in the background; the newest question wins.
func (p *Press) sort(running string) {
	p.latest++
	n, jobs := p.latest, p.all
	p.asks.run(func(context.Context) func() {
		got := piles(jobs, running)
		return func() {
			if n == p.latest {
				p.sorted(got)
			}
		}
	})
}

func (p *Press) sorted(got []Pile) {
	p.Piles, p.Ready = got, true
	if p.pile(p.Pile) == nil || !p.stays {
		p.stays = p.stays && p.pile(p.Pile) != nil
		p.Pile = p.natural()
	}
	p.Rows = nil
	if pile := p.pile(p.Pile); pile != nil {
		p.Rows = pile.Rows
	}
	if p.row(p.Selected) < 0 {
		p.Selected = p.first()
	}
	p.review()
	p.Changed()
}

// natural is the pile to look at when nobody is at work in one: the batch that
// prints, then what is listed first.
func (p *Press) natural() PileKey {
	for _, pile := range p.Piles {
		if pile.Running {
			return pile.PileKey
		}
	}
	if len(p.Piles) == 0 {
		return PileKey{}
	}
	return p.Piles[0].PileKey
}

func (p *Press) pile(key PileKey) *Pile {
	for i := range p.Piles {
		if p.Piles[i].PileKey == key {
			return &p.Piles[i]
		}
	}
	return nil
}

// Look shows another pile.
func (p *Press) Look(key PileKey) {
	pile := p.pile(key)
	if pile == nil || key == p.Pile {
		return
	}
	p.Pile, p.stays, p.Rows = key, true, pile.Rows
	p.drop()
	p.Selected = p.first()
	p.Changed()
}

// first is the letter to look at in the pile in sight: the first that waits or,
// where none can wait, the first.
func (p *Press) first() string {
	id := following(p.Rows, "", p.decided)
	if id == "" && p.Pile.Kind == PileHeld && len(p.Rows) > 0 {
		return p.Rows[0].ID
	}
	return id
}

// Select chooses a letter. A question about another one is dropped.
func (p *Press) Select(id string) {
	if id == p.Selected {
		return
	}
	if p.Ask != nil && p.Ask.Job.ID != id {
		p.drop()
	}
	p.Selected, p.stays = id, true
	p.Changed()
}

func (p *Press) row(id string) int {
	return slices.IndexFunc(p.Rows, func(j station.Job) bool { return j.ID == id })
}

// Row returns the row of the chosen letter, −1 when it is in none.
func (p *Press) Row() int { return p.row(p.Selected) }

// Job returns the chosen letter, nil when there is none.
func (p *Press) Job() *station.Job {
	if i := p.Row(); i >= 0 {
		return &p.Rows[i]
	}
	return nil
}

// PrinterName returns the name of a printer by its id; that of the one in use
// when the id is not known any more.
func (p *Press) PrinterName(id string) string {
	for i := range p.printers {
		if p.printers[i].ID == id {
			return p.printers[i].Name
		}
	}
	return p.Printer.Name
}

// Waiting counts the letters of a kind of pile.
func (p *Press) Waiting(kind PileKind) int {
	if pile := p.pile(PileKey{Kind: kind}); pile != nil {
		return pile.Open
	}
	return 0
}

// Close ends the work that runs and waits for it.
func (p *Press) Close() {
	p.drop()
	p.asks.close()
}
