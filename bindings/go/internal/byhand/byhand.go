// Package byhand calls functions of the C API with conversions that are written for them, so that benchmarks can compare
// with those of tenon. Test files cannot use cgo.
package byhand

/*
#cgo pkg-config: tenon-c
#include <malloc.h>
#include <stdlib.h>
#include <tenon/tenon_c.h>
*/
import "C"

import (
	"runtime"
	"unsafe"
)

// Item is the record `item` of the tests.
type Item struct {
	Name  string
	Price *float64
	Tags  []string
}

func check(err *C.tenon_error) {
	if err != nil {
		panic(C.GoString(C.tenon_error_text(err)))
	}
}

// Flat calls a function of two numbers, as often as told. function: a tenon_function.
func Flat(function unsafe.Pointer, count int) {
	params := [2]C.uint64_t{1, 2}
	var result C.uint64_t
	for range count {
		check(C.tenon_function_call_flat((*C.tenon_function)(function), &params[0], 2, &result))
	}
}

// Bytes passes bytes and copies the result.
func Bytes(function unsafe.Pointer, data []byte) []byte {
	var pins runtime.Pinner
	defer pins.Unpin()
	pins.Pin(&data[0])
	list := (*C.tenon_value)(C.malloc(2 * C.sizeof_tenon_value))
	defer C.free(unsafe.Pointer(list))
	values := unsafe.Slice(list, 2)
	values[0] = C.tenon_value_packed(C.TENON_U8, unsafe.Pointer(&data[0]), C.size_t(len(data)))
	arena := C.tenon_arena_new()
	defer C.tenon_arena_delete(arena)
	check(C.tenon_function_call((*C.tenon_function)(function), list, 1, arena, &values[1]))
	packed := (*struct {
		data *byte
		size uint64
	})(unsafe.Pointer(&values[1].of))
	return append([]byte(nil), unsafe.Slice(packed.data, packed.size)...)
}

// value is tenon_value.
type value struct {
	kind, elem uint8
	_          uint16
	index      uint32
	pointer    uintptr
	length     uint64
}

func (v *value) items() []value {
	return unsafe.Slice(*(**value)(unsafe.Pointer(&v.pointer)), v.length)
}

func (v *value) text() string {
	return string(unsafe.Slice(*(**byte)(unsafe.Pointer(&v.pointer)), v.length))
}

// Records passes records, and returns those of the result. All memory for arguments is one block.
func Records(function unsafe.Pointer, items []Item) []Item {
	count, bytes := 2+len(items), 0
	for i := range items {
		count += 4 + len(items[i].Tags)
		bytes += len(items[i].Name)
		for _, tag := range items[i].Tags {
			bytes += len(tag)
		}
	}
	const size = unsafe.Sizeof(value{})
	block := C.malloc(C.size_t(count)*C.size_t(size) + C.size_t(bytes))
	defer C.free(block)
	values := unsafe.Slice((*value)(block), count)
	text := unsafe.Slice((*byte)(unsafe.Add(block, uintptr(count)*size)), bytes+1)[:bytes]
	take := func(n int) []value {
		taken := values[:n]
		values = values[n:]
		return taken
	}
	point := func(to *value, p unsafe.Pointer, length int) {
		*(*unsafe.Pointer)(unsafe.Pointer(&to.pointer)) = p
		to.length = uint64(length)
	}
	put := func(to *value, s string) {
		*to = value{kind: C.TENON_STRING}
		point(to, unsafe.Pointer(unsafe.SliceData(text)), copy(text, s))
		text = text[len(s):]
	}
	args := take(2)
	list := take(len(items))
	args[0] = value{kind: C.TENON_LIST}
	point(&args[0], unsafe.Pointer(unsafe.SliceData(list)), len(list))
	for i := range items {
		fields := take(3)
		list[i] = value{kind: C.TENON_RECORD}
		point(&list[i], unsafe.Pointer(&fields[0]), 3)
		put(&fields[0], items[i].Name)
		fields[1] = value{kind: C.TENON_OPTION}
		if items[i].Price != nil {
			some := take(1)
			some[0] = value{kind: C.TENON_F64}
			*(*float64)(unsafe.Pointer(&some[0].pointer)) = *items[i].Price
			point(&fields[1], unsafe.Pointer(&some[0]), 0)
		}
		tags := take(len(items[i].Tags))
		fields[2] = value{kind: C.TENON_LIST}
		point(&fields[2], unsafe.Pointer(unsafe.SliceData(tags)), len(tags))
		for j, tag := range items[i].Tags {
			put(&tags[j], tag)
		}
	}
	arena := C.tenon_arena_new()
	defer C.tenon_arena_delete(arena)
	check(C.tenon_function_call((*C.tenon_function)(function), (*C.tenon_value)(unsafe.Pointer(&args[0])), 1, arena,
		(*C.tenon_value)(unsafe.Pointer(&args[1]))))
	return readItems(&args[1])
}

func readItems(list *value) []Item {
	found := make([]Item, list.length)
	for i, of := range list.items() {
		fields := of.items()
		found[i].Name = fields[0].text()
		if fields[1].pointer != 0 {
			price := *(*float64)(unsafe.Pointer(&(*(**value)(unsafe.Pointer(&fields[1].pointer))).pointer))
			found[i].Price = &price
		}
		tags := fields[2].items()
		found[i].Tags = make([]string, len(tags))
		for j := range tags {
			found[i].Tags[j] = tags[j].text()
		}
	}
	return found
}

// Trim returns free memory of C to the system, which glibc keeps for each of its arenas.
func Trim() { C.malloc_trim(0) }
