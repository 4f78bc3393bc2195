package tenon

/*
#include "shim.h"
*/
import "C"

import (
	"runtime"
	"runtime/cgo"
	"sync"
	"unsafe"
)

// value is tenon_value. A pointer lies in bits, which the garbage collector does not look at: it is memory of C, or
// pinned.
type value struct {
	kind, elem uint8
	_          uint16
	index      uint32
	bits       uint64
	length     uint64
}

// As in C.
const valueSize = unsafe.Sizeof(value{})

var _ = [1]struct{}{}[valueSize-C.sizeof_tenon_value]

func (v *value) pointer() unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&v.bits)) }

func (v *value) setPointer(p unsafe.Pointer, length int) {
	*(*unsafe.Pointer)(unsafe.Pointer(&v.bits)) = p
	v.length = uint64(length)
}

func (v *value) items() []value { return unsafe.Slice((*value)(v.pointer()), v.length) }

func (v *value) c() *C.tenon_value { return (*C.tenon_value)(unsafe.Pointer(v)) }

// Texts and lists of fewer bytes are copied into the memory of a call, which takes less time than pinning them.
const leastPinned = 1024

// kept is memory that is used for one call after the other.
type kept struct {
	base  unsafe.Pointer
	arena *C.tenon_arena
}

const baseSize = 4096

// memory has the values of one call: those that Go passes, in memory of C, and the arena of the result. Large texts
// and lists of numbers are passed where they are.
type memory struct {
	kept    *kept
	next    unsafe.Pointer // free memory
	left    uintptr
	chunks  []unsafe.Pointer
	isGo    bool // the chunks are memory of Go
	pins    runtime.Pinner
	call    *C.tenon_call // of a function of the program: its memory is used, and nothing is pinned
	hasUsed bool          // the arena
	objects []cgo.Handle  // passed as own
	lent    []cgo.Handle  // passed as borrow
	uses    []*lifetime   // of resources that are passed
	ends    []*end        // of streams that are passed
}

var memories = sync.Pool{New: func() any {
	k := &kept{base: C.malloc(baseSize)}
	m := &memory{kept: k}
	runtime.AddCleanup(m, func(k *kept) {
		C.free(k.base)
		C.tenon_arena_delete(k.arena)
	}, k)
	return m
}}

func newMemory() *memory {
	m := memories.Get().(*memory)
	m.next, m.left = m.kept.base, baseSize
	return m
}

// newGoMemory returns memory for a copy of values, which the garbage collector frees.
func newGoMemory() *memory { return &memory{isGo: true} }

// newCallMemory returns memory of a call of a function of the program.
func newCallMemory(call *C.tenon_call) *memory { return &memory{call: call} }

// alloc returns memory, aligned for every value, which is not zero.
func (m *memory) alloc(size uintptr) unsafe.Pointer {
	size = (size + 15) &^ 15
	if size > m.left {
		m.grow(size)
	}
	p := m.next
	m.left -= size
	if m.left == 0 {
		m.next = nil // it would point behind the chunk
	} else {
		m.next = unsafe.Add(p, size)
	}
	return p
}

func (m *memory) grow(size uintptr) {
	m.left = max(size, uintptr(min(baseSize<<len(m.chunks), 4<<20)))
	if m.isGo {
		m.left = size
		m.next = unsafe.Pointer(unsafe.SliceData(make([]uint64, size/8)))
	} else if m.call != nil {
		m.next = C.tenon_go_alloc(m.call, C.size_t(m.left))
	} else {
		m.next = C.malloc(C.size_t(m.left))
	}
	if m.next == nil {
		panic("out of memory")
	}
	m.chunks = append(m.chunks, m.next)
}

func (m *memory) newValues(count int) []value {
	if count == 0 {
		return nil
	}
	return unsafe.Slice((*value)(m.alloc(uintptr(count)*valueSize)), count)
}

// pass makes bytes of Go accessible for C, until the call has ended.
func (m *memory) pass(p unsafe.Pointer, size int) unsafe.Pointer {
	if size == 0 {
		return nil
	}
	if size >= leastPinned && m.call == nil {
		m.pins.Pin((*byte)(p))
		return p
	}
	return m.copy(p, size)
}

func (m *memory) copy(from unsafe.Pointer, size int) unsafe.Pointer {
	to := m.alloc(uintptr(size))
	copy(unsafe.Slice((*byte)(to), size), unsafe.Slice((*byte)(from), size))
	return to
}

// arena returns an empty arena for the result.
func (m *memory) arena() *C.tenon_arena {
	if m.kept.arena == nil {
		m.kept.arena = C.tenon_arena_new()
	}
	m.hasUsed = true
	return m.kept.arena
}

// free ends the use of the memory. isPassed: whether the guest has got the objects.
func (m *memory) free(isPassed bool) {
	if !isPassed {
		deleteAll(m.objects)
		for _, e := range m.ends {
			e.comeBack()
		}
	}
	deleteAll(m.lent)
	for _, use := range m.uses {
		use.exit()
	}
	if m.call != nil {
		return
	}
	for _, chunk := range m.chunks {
		C.free(chunk)
	}
	if m.hasUsed {
		C.tenon_arena_reset(m.kept.arena)
	}
	m.pins.Unpin()
	*m = memory{kept: m.kept}
	memories.Put(m)
}

func deleteAll(objects []cgo.Handle) {
	for _, object := range objects {
		object.Delete()
	}
}
