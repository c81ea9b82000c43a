//go:build linux

package journal

import (
	"context"
	"errors"
	"fmt"
	"math"
	mathrand "math/rand/v2"
	"os"
	"syscall"
	"time"
)

// dieSoon kills the child that calls it, mostly within a few milliseconds.
func dieSoon() {
	wait := time.Duration(math.Exp2(mathrand.Float64()*10) * float64(time.Millisecond))
	time.AfterFunc(wait, func() { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL) })
}

// childForgets forgets shard by shard, and acknowledges each, until it kills
// itself.
func childForgets(ctx context.Context, j *Journal) error {
	dieSoon()
	for {
		shards, err := j.Shards(ctx)
		if err != nil {
			return err
		}
		if len(shards) == 0 {
			return errors.New("nothing is left")
		}
		if err := j.Forget(ctx, shards[0]); err != nil {
			return err
		}
		fmt.Println("entry", shards[0].Last)
		if err := j.Record(ctx, Access{Action: ActionPurge, Object: "journal-1"}, OutcomeDone); err != nil {
			return err
		}
	}
}
