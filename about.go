package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"github.com/gen2brain/go-fitz"

	"espero-soft.com/printroom/sync/enrolment"
	"espero-soft.com/printroom/sync/settings"
	"espero-soft.com/printroom/sync/station"
)

// About tells what there is to say of the station besides its snapshot.
func (r *room) About(ctx context.Context) (station.About, error) {
	a, err := r.Station.About(ctx)
	if err != nil {
		return a, err
	}
	a.DataDir, a.Versions = r.settings.DataDir, versions()
	id, err := enrolment.Load(a.DataDir)
	if err != nil {
		return a, station.Explain(err)
	}
	a.Log = id.Log
	if len(id.Certificates) > 0 {
		own, err := x509.ParseCertificate(id.Certificates[0])
		if err != nil {
			return a, fmt.Errorf("read the station's certificate: %w", err)
		}
		a.CertificateEnd = own.NotAfter
	}
	status := r.journal.Status()
	a.Journal.Entries, a.Journal.Sealed = status.Entries, status.Sealed
	a.Journal.Bytes, err = sizeOf(filepath.Join(a.DataDir, "journal"))
	return a, station.Explain(err)
}

// sizeOf adds up the files of a folder. One that is gone by then has no size.
func sizeOf(dir string) (total int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err == nil {
			total += info.Size()
		}
		return err
	})
	return total, err
}

// versions are read from what the program was built of.
func versions() station.Versions {
	v := station.Versions{
		Program: settings.Version, Go: runtime.Version(), MuPDF: fitz.FzVersion,
		System: runtime.GOOS + "/" + runtime.GOARCH,
	}
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	v.Source = "https://" + build.Main.Path
	for _, m := range build.Deps {
		if m.Path == "fyne.io/fyne/v2" {
			v.Fyne = m.Version
		}
	}
	return v
}
