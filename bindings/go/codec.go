package tenon

/*
#include "shim.h"
*/
import "C"

import (
	"fmt"
	"reflect"
	"runtime/cgo"
	"strings"
	"unsafe"
)

// The kinds of values.
const (
	kindBool    = C.TENON_BOOL
	kindS8      = C.TENON_S8
	kindU8      = C.TENON_U8
	kindS16     = C.TENON_S16
	kindU16     = C.TENON_U16
	kindS32     = C.TENON_S32
	kindU32     = C.TENON_U32
	kindS64     = C.TENON_S64
	kindU64     = C.TENON_U64
	kindF32     = C.TENON_F32
	kindF64     = C.TENON_F64
	kindChar    = C.TENON_CHAR
	kindString  = C.TENON_STRING
	kindList    = C.TENON_LIST
	kindPacked  = C.TENON_PACKED
	kindRecord  = C.TENON_RECORD
	kindTuple   = C.TENON_TUPLE
	kindMap     = C.TENON_MAP
	kindVariant = C.TENON_VARIANT
	kindEnum    = C.TENON_ENUM
	kindOption  = C.TENON_OPTION
	kindResult  = C.TENON_RESULT
	kindFlags   = C.TENON_FLAGS
	kindOwn     = C.TENON_OWN
	kindBorrow  = C.TENON_BORROW
	kindStream  = C.TENON_STREAM
	kindFuture  = C.TENON_FUTURE
)

var kindNames = [...]string{kindBool: "bool", kindS8: "s8", kindU8: "u8", kindS16: "s16", kindU16: "u16",
	kindS32: "s32", kindU32: "u32", kindS64: "s64", kindU64: "u64", kindF32: "f32", kindF64: "f64", kindChar: "char",
	kindString: "string", kindList: "list", kindPacked: "list of numbers", kindRecord: "record", kindTuple: "tuple",
	kindMap: "map", kindVariant: "variant", kindEnum: "enum", kindOption: "option", kindResult: "result",
	kindFlags: "flags", kindOwn: "own", kindBorrow: "borrow", kindStream: "stream", kindFuture: "future"}

func kindName(kind uint8) string {
	if int(kind) < len(kindNames) && kindNames[kind] != "" {
		return kindNames[kind]
	}
	return fmt.Sprintf("value of kind %d", kind)
}

// invalid says what is wrong with a value, and with which part of it: "[3].price". nil: nothing is.
type invalid struct{ path, message string }

func invalidf(format string, args ...any) *invalid {
	return &invalid{message: fmt.Sprintf(format, args...)}
}

func (i *invalid) in(part string) *invalid {
	i.path = part + i.path
	return i
}

func unexpected(kind uint8, found *value) *invalid {
	return invalidf("expected %s, found %s", kindName(kind), kindName(found.kind))
}

// codec converts the values of one Go type to and from those of one WIT type. `from` and `to` of unsafe.Pointer point to
// a value of the Go type. Codecs are made once, by a binder, and used by any number of goroutines.
type codec interface {
	write(m *memory, from unsafe.Pointer, to *value) *invalid
	read(c *Composition, from *value, to unsafe.Pointer) *invalid
}

// scalar is for numbers, booleans and characters, by their kind.
type scalar uint8

func (s scalar) write(_ *memory, from unsafe.Pointer, to *value) *invalid {
	*to = value{kind: uint8(s), bits: s.load(from)}
	return nil
}

// load returns the bits, extended to 64 by the sign.
func (s scalar) load(from unsafe.Pointer) uint64 {
	switch s {
	case kindBool, kindU8:
		return uint64(*(*uint8)(from))
	case kindS8:
		return uint64(*(*int8)(from))
	case kindU16:
		return uint64(*(*uint16)(from))
	case kindS16:
		return uint64(*(*int16)(from))
	case kindU32, kindChar, kindF32:
		return uint64(*(*uint32)(from))
	case kindS32:
		return uint64(*(*int32)(from))
	default:
		return *(*uint64)(from)
	}
}

func (s scalar) read(_ *Composition, from *value, to unsafe.Pointer) *invalid {
	if from.kind != uint8(s) {
		return unexpected(uint8(s), from)
	}
	storeInteger(to, s.size(), from.bits)
	return nil
}

func (s scalar) size() uintptr {
	switch s {
	case kindBool, kindS8, kindU8:
		return 1
	case kindS16, kindU16:
		return 2
	case kindS32, kindU32, kindF32, kindChar:
		return 4
	default:
		return 8
	}
}

func loadInteger(from unsafe.Pointer, size uintptr) uint64 {
	switch size {
	case 1:
		return uint64(*(*uint8)(from))
	case 2:
		return uint64(*(*uint16)(from))
	case 4:
		return uint64(*(*uint32)(from))
	default:
		return *(*uint64)(from)
	}
}

func storeInteger(to unsafe.Pointer, size uintptr, bits uint64) {
	switch size {
	case 1:
		*(*uint8)(to) = uint8(bits)
	case 2:
		*(*uint16)(to) = uint16(bits)
	case 4:
		*(*uint32)(to) = uint32(bits)
	default:
		*(*uint64)(to) = bits
	}
}

type text struct{}

func (text) write(m *memory, from unsafe.Pointer, to *value) *invalid {
	s := *(*string)(from)
	*to = value{kind: kindString}
	to.setPointer(m.pass(unsafe.Pointer(unsafe.StringData(s)), len(s)), len(s))
	return nil
}

func (text) read(_ *Composition, from *value, to unsafe.Pointer) *invalid {
	if from.kind != kindString {
		return unexpected(kindString, from)
	}
	*(*string)(to) = strings.Clone(unsafe.String((*byte)(from.pointer()), from.length))
	return nil
}

// sliceHeader is a slice in memory.
type sliceHeader struct {
	data     unsafe.Pointer
	len, cap int
}

// list is for slices, and for arrays. Elements that are scalars are passed as a whole.
type list struct {
	typ     reflect.Type
	element codec
	size    uintptr // of an element in Go
	packed  uint8   // the kind of elements that are scalars; 0: they are not
	count   int     // of an array; -1: a slice
}

func (l *list) elements(from unsafe.Pointer) (unsafe.Pointer, int) {
	if l.count >= 0 {
		return from, l.count
	}
	header := (*sliceHeader)(from)
	return header.data, header.len
}

func (l *list) write(m *memory, from unsafe.Pointer, to *value) *invalid {
	data, count := l.elements(from)
	if l.packed != 0 {
		*to = value{kind: kindPacked, elem: l.packed}
		to.setPointer(m.pass(data, count*int(l.size)), count)
		return nil
	}
	items := m.newValues(count)
	for i := range items {
		if problem := l.element.write(m, unsafe.Add(data, uintptr(i)*l.size), &items[i]); problem != nil {
			return problem.in(fmt.Sprintf("[%d]", i))
		}
	}
	*to = value{kind: kindList}
	to.setPointer(unsafe.Pointer(unsafe.SliceData(items)), count)
	return nil
}

func (l *list) read(c *Composition, from *value, to unsafe.Pointer) *invalid {
	isPacked := from.kind == kindPacked && l.packed != 0 && from.elem == l.packed
	if !isPacked && from.kind != kindList {
		return unexpected(kindList, from)
	}
	count := int(from.length)
	if isPacked && l.count < 0 {
		*(*sliceHeader)(to) = sliceHeader{clone(from.pointer(), count, l.size), count, count}
		return nil
	}
	if l.count < 0 {
		*(*sliceHeader)(to) = sliceHeader{reflect.MakeSlice(l.typ, count, count).UnsafePointer(), count, count}
	} else if count != l.count {
		return invalidf("expected %d elements, found %d", l.count, count)
	}
	data, _ := l.elements(to)
	if isPacked {
		size := count * int(l.size)
		copy(unsafe.Slice((*byte)(data), size), unsafe.Slice((*byte)(from.pointer()), size))
		return nil
	}
	items := from.items()
	for i := range items {
		if problem := l.element.read(c, &items[i], unsafe.Add(data, uintptr(i)*l.size)); problem != nil {
			return problem.in(fmt.Sprintf("[%d]", i))
		}
	}
	return nil
}

// clone copies elements without pointers. Unlike `make`, `append` does not clear memory first.
func clone(from unsafe.Pointer, count int, size uintptr) unsafe.Pointer {
	if count == 0 {
		return unsafe.Pointer(&struct{}{}) // an empty slice is not nil
	}
	switch size {
	case 1:
		return unsafe.Pointer(unsafe.SliceData(append([]uint8(nil), unsafe.Slice((*uint8)(from), count)...)))
	case 2:
		return unsafe.Pointer(unsafe.SliceData(append([]uint16(nil), unsafe.Slice((*uint16)(from), count)...)))
	case 4:
		return unsafe.Pointer(unsafe.SliceData(append([]uint32(nil), unsafe.Slice((*uint32)(from), count)...)))
	default:
		return unsafe.Pointer(unsafe.SliceData(append([]uint64(nil), unsafe.Slice((*uint64)(from), count)...)))
	}
}

// part is a field of a record, an element of a tuple, or a case of a variant: a field of a struct.
type part struct {
	label  string
	offset uintptr
	codec  codec        // nil: a case without payload
	typ    reflect.Type // of a payload; nil: the field is a bool
}

// record is for structs, as records and tuples.
type record struct {
	kind   uint8
	fields []part
}

func (r *record) write(m *memory, from unsafe.Pointer, to *value) *invalid {
	items := m.newValues(len(r.fields))
	for i := range r.fields {
		field := &r.fields[i]
		if problem := field.codec.write(m, unsafe.Add(from, field.offset), &items[i]); problem != nil {
			return problem.in("." + field.label)
		}
	}
	*to = value{kind: r.kind}
	to.setPointer(unsafe.Pointer(unsafe.SliceData(items)), len(items))
	return nil
}

func (r *record) read(c *Composition, from *value, to unsafe.Pointer) *invalid {
	if from.kind != r.kind {
		return unexpected(r.kind, from)
	}
	items := from.items()
	if len(items) != len(r.fields) {
		return invalidf("expected %d fields, found %d", len(r.fields), len(items))
	}
	for i := range r.fields {
		field := &r.fields[i]
		if problem := field.codec.read(c, &items[i], unsafe.Add(to, field.offset)); problem != nil {
			return problem.in("." + field.label)
		}
	}
	return nil
}

// variant is for structs of which one field is set, as variants and results.
type variant struct {
	kind  uint8
	cases []part
}

func (v *variant) write(m *memory, from unsafe.Pointer, to *value) *invalid {
	set := -1
	for i := range v.cases {
		at := unsafe.Add(from, v.cases[i].offset)
		if v.cases[i].typ == nil && !*(*bool)(at) || v.cases[i].typ != nil && *(*unsafe.Pointer)(at) == nil {
			continue
		}
		if set >= 0 {
			return invalidf("both `%s` and `%s` are set", v.cases[set].label, v.cases[i].label)
		}
		set = i
	}
	if set < 0 {
		return invalidf("no case is set: one field must not be nil or false")
	}
	*to = value{kind: v.kind, index: uint32(set)}
	if v.cases[set].codec == nil {
		return nil
	}
	payload := m.newValues(1)
	to.setPointer(unsafe.Pointer(&payload[0]), 0)
	data := *(*unsafe.Pointer)(unsafe.Add(from, v.cases[set].offset))
	if problem := v.cases[set].codec.write(m, data, &payload[0]); problem != nil {
		return problem.in("." + v.cases[set].label)
	}
	return nil
}

func (v *variant) read(c *Composition, from *value, to unsafe.Pointer) *invalid {
	if from.kind != v.kind {
		return unexpected(v.kind, from)
	}
	if int(from.index) >= len(v.cases) {
		return invalidf("case %d does not exist: the type has %d cases", from.index, len(v.cases))
	}
	for i := range v.cases {
		if at := unsafe.Add(to, v.cases[i].offset); v.cases[i].typ == nil {
			*(*bool)(at) = i == int(from.index)
		} else {
			*(*unsafe.Pointer)(at) = nil
		}
	}
	chosen := &v.cases[from.index]
	if (chosen.codec == nil) != (from.pointer() == nil) {
		return invalidf("the case `%s` has another payload", chosen.label)
	}
	if chosen.typ == nil {
		return nil
	}
	payload := reflect.New(chosen.typ).UnsafePointer()
	*(*unsafe.Pointer)(unsafe.Add(to, chosen.offset)) = payload
	if chosen.codec == nil {
		return nil
	}
	if problem := chosen.codec.read(c, (*value)(from.pointer()), payload); problem != nil {
		return problem.in("." + chosen.label)
	}
	return nil
}

// option is for pointers: nil is none.
type option struct {
	typ  reflect.Type
	some codec
}

func (o *option) write(m *memory, from unsafe.Pointer, to *value) *invalid {
	*to = value{kind: kindOption}
	data := *(*unsafe.Pointer)(from)
	if data == nil {
		return nil
	}
	payload := m.newValues(1)
	to.setPointer(unsafe.Pointer(&payload[0]), 0)
	if problem := o.some.write(m, data, &payload[0]); problem != nil {
		return problem.in(".some")
	}
	return nil
}

func (o *option) read(c *Composition, from *value, to unsafe.Pointer) *invalid {
	if from.kind != kindOption {
		return unexpected(kindOption, from)
	}
	*(*unsafe.Pointer)(to) = nil
	if from.pointer() == nil {
		return nil
	}
	payload := reflect.New(o.typ).UnsafePointer()
	*(*unsafe.Pointer)(to) = payload
	if problem := o.some.read(c, (*value)(from.pointer()), payload); problem != nil {
		return problem.in(".some")
	}
	return nil
}

// mapping is for maps.
type mapping struct {
	typ          reflect.Type
	key, element codec
}

func (p *mapping) write(m *memory, from unsafe.Pointer, to *value) *invalid {
	of := reflect.NewAt(p.typ, from).Elem()
	items := m.newValues(2 * of.Len())
	key, element := reflect.New(p.typ.Key()), reflect.New(p.typ.Elem())
	at := 0
	for entry := of.MapRange(); entry.Next(); at += 2 {
		key.Elem().Set(entry.Key())
		element.Elem().Set(entry.Value())
		if problem := p.key.write(m, key.UnsafePointer(), &items[at]); problem != nil {
			return problem.in(fmt.Sprintf("[%v].key", entry.Key()))
		}
		if problem := p.element.write(m, element.UnsafePointer(), &items[at+1]); problem != nil {
			return problem.in(fmt.Sprintf("[%v]", entry.Key()))
		}
	}
	*to = value{kind: kindMap}
	to.setPointer(unsafe.Pointer(unsafe.SliceData(items)), len(items))
	return nil
}

func (p *mapping) read(c *Composition, from *value, to unsafe.Pointer) *invalid {
	if from.kind != kindMap {
		return unexpected(kindMap, from)
	}
	items := from.items()
	of := reflect.MakeMapWithSize(p.typ, len(items)/2)
	for i := 0; i+1 < len(items); i += 2 {
		key, element := reflect.New(p.typ.Key()), reflect.New(p.typ.Elem())
		if problem := p.key.read(c, &items[i], key.UnsafePointer()); problem != nil {
			return problem.in(fmt.Sprintf("[%d].key", i/2))
		}
		if problem := p.element.read(c, &items[i+1], element.UnsafePointer()); problem != nil {
			return problem.in(fmt.Sprintf("[%d].value", i/2))
		}
		of.SetMapIndex(key.Elem(), element.Elem())
	}
	reflect.NewAt(p.typ, to).Elem().Set(of)
	return nil
}

// enum is for integers, which are the index of the case.
type enum struct{ size uintptr }

func (e enum) write(_ *memory, from unsafe.Pointer, to *value) *invalid {
	index := loadInteger(from, e.size)
	if index > 1<<32-1 {
		return invalidf("case %d does not exist", index)
	}
	*to = value{kind: kindEnum, index: uint32(index)}
	return nil
}

func (e enum) read(_ *Composition, from *value, to unsafe.Pointer) *invalid {
	if from.kind != kindEnum {
		return unexpected(kindEnum, from)
	}
	if e.size < 4 && from.index >= 1<<(8*e.size) {
		return invalidf("case %d does not fit in an integer of %d bytes", from.index, e.size)
	}
	storeInteger(to, e.size, uint64(from.index))
	return nil
}

// labels is for strings, which are the label of the case of an enum.
type labels []string

func (l labels) write(_ *memory, from unsafe.Pointer, to *value) *invalid {
	for i, label := range l {
		if label == *(*string)(from) {
			*to = value{kind: kindEnum, index: uint32(i)}
			return nil
		}
	}
	return invalidf("no case `%s`: expected one of %s", *(*string)(from), strings.Join(l, ", "))
}

func (l labels) read(_ *Composition, from *value, to unsafe.Pointer) *invalid {
	if from.kind != kindEnum || int(from.index) >= len(l) {
		return unexpected(kindEnum, from)
	}
	*(*string)(to) = l[from.index]
	return nil
}

// flags is for unsigned integers: bit i is flag i.
type flags struct{ size uintptr }

func (f flags) write(_ *memory, from unsafe.Pointer, to *value) *invalid {
	*to = value{kind: kindFlags, bits: loadInteger(from, f.size)}
	return nil
}

func (f flags) read(_ *Composition, from *value, to unsafe.Pointer) *invalid {
	if from.kind != kindFlags {
		return unexpected(kindFlags, from)
	}
	if f.size < 8 && from.bits>>(8*f.size) != 0 {
		return invalidf("the flags %#x do not fit in %d bytes", from.bits, f.size)
	}
	storeInteger(to, f.size, from.bits)
	return nil
}

// handle is for resources of guests.
type handle struct{ kind uint8 }

func (h handle) write(m *memory, from unsafe.Pointer, to *value) *invalid {
	resource := *(**Resource)(from)
	if resource == nil {
		return invalidf("the resource is nil")
	}
	if !resource.life.enter() {
		return invalidf("the resource is closed")
	}
	m.uses = append(m.uses, &resource.life)
	*to = value{kind: h.kind}
	to.setPointer(unsafe.Pointer(resource.handle), 0)
	return nil
}

func (h handle) read(c *Composition, from *value, to unsafe.Pointer) *invalid {
	if from.kind != kindOwn && from.kind != kindBorrow {
		return unexpected(h.kind, from)
	}
	kept := C.tenon_resource_keep((*C.tenon_resource)(from.pointer()))
	if kept == nil {
		return invalidf("the handle of the resource cannot be kept: out of memory")
	}
	*(**Resource)(to) = newResource(c, kept)
	return nil
}

// object is for objects of the program that guests have handles of: values of one Go type.
type object struct {
	kind uint8
	typ  reflect.Type
}

func (o *object) write(m *memory, from unsafe.Pointer, to *value) *invalid {
	of := reflect.NewAt(o.typ, from).Elem()
	if (of.Kind() == reflect.Pointer || of.Kind() == reflect.Interface) && of.IsNil() {
		return invalidf("the %s is nil", o.typ)
	}
	number := cgo.NewHandle(of.Interface())
	if o.kind == kindOwn {
		m.objects = append(m.objects, number)
	} else {
		m.lent = append(m.lent, number)
	}
	*to = value{kind: o.kind, bits: uint64(number)}
	return nil
}

func (o *object) read(_ *Composition, from *value, to unsafe.Pointer) *invalid {
	if from.kind != kindOwn && from.kind != kindBorrow {
		return unexpected(o.kind, from)
	}
	number := cgo.Handle(from.bits)
	of := reflect.ValueOf(number.Value())
	if of.Type() != o.typ {
		return invalidf("expected a %s, found a %s", o.typ, of.Type())
	}
	if from.kind == kindOwn {
		number.Delete() // it belongs to the function
	}
	reflect.NewAt(o.typ, to).Elem().Set(of)
	return nil
}
