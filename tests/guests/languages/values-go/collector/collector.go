// Package collector collects garbage only when it is asked to. Go's collector asks for the time, which traps while the
// caller of a component allocates memory for arguments: a component may call nothing then.
package collector

import (
	"runtime"
	"runtime/debug"
)

// Bytes that are allocated before garbage is collected.
const limit = 64 << 20

func init() { debug.SetGCPercent(-1) }

// Collect is for the beginning of a function that a caller calls.
func Collect() {
	var stats runtime.MemStats
	if runtime.ReadMemStats(&stats); stats.HeapAlloc > limit {
		runtime.GC()
	}
}
