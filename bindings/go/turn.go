package tenon

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// turn lets one call into a composition, so that an interrupt ends that call alone.
type turn struct {
	isTaken atomic.Bool
	waiting atomic.Int64
	left    chan struct{} // for those that wait
}

func newTurn() *turn { return &turn{left: make(chan struct{}, 1)} }

func (t *turn) take() bool { return !t.isTaken.Load() && t.isTaken.CompareAndSwap(false, true) }

func (t *turn) leave() {
	t.isTaken.Store(false)
	if t.waiting.Load() != 0 {
		select {
		case t.left <- struct{}{}:
		default:
		}
	}
}

// How often a call that waits looks whether it can go on without a turn, and one that was interrupted is again.
const turnCheck = 10 * time.Millisecond

// waitForTurn waits until no other call runs. A call by a function of the program runs within the turn of its caller: on
// its thread, or on another one while that waits.
func (c *Composition) waitForTurn(ctx context.Context) (hasTurn bool, err error) {
	if hostCalls.Load() != 0 && C.tenon_go_depth() != 0 {
		return false, nil
	}
	if c.turn.take() {
		return true, nil
	}
	c.turn.waiting.Add(1)
	defer c.turn.waiting.Add(-1)
	ticker := time.NewTicker(turnCheck)
	defer ticker.Stop()
	for c.tasks.Load() == 0 {
		if c.turn.take() {
			return true, nil
		}
		select {
		case <-c.turn.left:
		case <-ctx.Done():
			return false, fmt.Errorf("tenon: another call was running: %w", context.Cause(ctx))
		case <-ticker.C:
		}
	}
	return false, nil
}
