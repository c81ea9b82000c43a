package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/enrolment"
	"espero-soft.com/printroom/sync/settings"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/tpm"
)

// enrol makes this workstation a station; again, where it is one whose TPM was
// cleared or replaced, or whose certificate has ended.
func enrol(ctx context.Context, config, token string, again bool) (name string, err error) {
	s, err := load(config)
	if err != nil {
		return "", err
	}
	err = newcomer(ctx, s, func(central *client.Client, device *tpm.Device, authority *x509.Certificate) error {
		name, err = enrolAt(ctx, s.DataDir, again, func() (enrolment.Identity, error) {
			if again {
				return enrolment.Again(ctx, central, device, authority, token, s.DataDir)
			}
			id, err := enrolment.Enrol(ctx, central, device, authority, token)
			if err == nil {
				err = id.Save(s.DataDir)
			}
			return id, err
		})
		return err
	})
	return name, err
}

// enrolAt enrols a data folder that no program is at work on.
func enrolAt(ctx context.Context, dir string, again bool, enrol func() (enrolment.Identity, error)) (name string, err error) {
	if id, err := enrolment.Load(dir); err == nil && !again {
		return "", fmt.Errorf("%s is station %s already: enrol it anew with --again", dir, id.Station)
	} else if err != nil && !errors.Is(err, enrolment.ErrNotEnrolled) {
		return "", err
	}
	alone, err := store.Open(ctx, dir, nil) // it keeps a second program out
	if err != nil {
		return "", err
	}
	id, err := enrol()
	return id.Station, errors.Join(err, alone.Close())
}

// provision makes in the TPM what people at work may have no right to make.
func provision(ctx context.Context, config string, slots int) error {
	s, err := settings.LoadNamed(config) // the data folder is the person's at work, not the installer's
	if err != nil {
		return err
	}
	return newcomer(ctx, s, func(central *client.Client, device *tpm.Device, authority *x509.Certificate) error {
		return enrolment.Provision(ctx, central, device, authority, slots)
	})
}

// newcomer speaks with central and with the TPM as who has no identity: the room
// authority is the one that the settings name.
func newcomer(ctx context.Context, s settings.Settings, do func(*client.Client, *tpm.Device, *x509.Certificate) error) error {
	authority, err := settings.ReadAuthority(s.Central.Authority)
	if err != nil {
		return err
	}
	central, err := client.New(client.Config{BaseURL: s.Central.URL, Authorities: client.Fixed(authority)})
	if err != nil {
		return err
	}
	defer central.Close()
	device, err := tpm.Open(s.TPM.Endpoint)
	if err != nil {
		return station.Explain(err)
	}
	return errors.Join(station.Explain(do(central, device, authority)), device.Close())
}
