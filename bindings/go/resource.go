package tenon

/*
#include "shim.h"
*/
import "C"

import "runtime"

// Resource is a handle of a resource of a guest. Close drops it; otherwise it is dropped some time after it is not
// reachable any more. A resource that was passed as `own` belongs to the guest, and passing it again is an error.
// Goroutines: any number.
type Resource struct {
	handle  *C.tenon_resource
	life    lifetime
	cleanup runtime.Cleanup
}

func newResource(c *Composition, kept *C.tenon_resource) *Resource {
	end := func() {
		// The destructor is a call of the composition.
		if c.life.enter() {
			defer c.life.exit()
		}
		C.tenon_resource_delete(kept)
	}
	r := &Resource{handle: kept}
	r.life.end = end
	r.cleanup = runtime.AddCleanup(r, func(end func()) { go end() }, end)
	return r
}

// Type returns the name of its type: "acme:db/sql@1.0.0.connection".
func (r *Resource) Type() string {
	if !r.life.enter() {
		return ""
	}
	defer r.life.exit()
	return C.GoString(C.tenon_resource_type(r.handle))
}

// Close drops the resource, after calls in progress that use it. Failures of its destructor are returned by
// Composition.DropFailure.
func (r *Resource) Close() error {
	r.cleanup.Stop()
	r.life.close()
	return nil
}
