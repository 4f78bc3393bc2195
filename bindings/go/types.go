package tenon

/*
#include "shim.h"
*/
import "C"

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Char is a character of WIT.
type Char rune

// Tuple marks a struct as a tuple, whose elements are its fields in order: `_ tenon.Tuple`.
type Tuple struct{}

// Variant marks a struct as a variant: `_ tenon.Variant`. Each other field is a case, in order: a pointer to the
// payload, or a bool for a case without one. One of them is not nil or true.
type Variant struct{}

// None is no value: the result of a function without one, or the payload of a case without one.
type None = struct{}

// Result is a result of WIT. One of Ok and Err is not nil.
type Result[T, E any] struct {
	Ok  *T
	Err *E
}

func (Result[T, E]) isResult() {}

// EnumLabels is implemented by a Go type that stands for an enum: its values are an index, or a label.
type EnumLabels interface{ EnumLabels() []string }

// FlagLabels is implemented by an unsigned Go type that stands for flags: bit i is the label i.
type FlagLabels interface{ FlagLabels() []string }

var (
	charType     = reflect.TypeFor[Char]()
	tupleType    = reflect.TypeFor[Tuple]()
	variantType  = reflect.TypeFor[Variant]()
	noneType     = reflect.TypeFor[None]()
	resourceType = reflect.TypeFor[*Resource]()
	enumType     = reflect.TypeFor[EnumLabels]()
	flagsType    = reflect.TypeFor[FlagLabels]()
	resultType   = reflect.TypeFor[interface{ isResult() }]()
	endType      = reflect.TypeFor[streamEnd]()
)

// A Go type that is nested more deeply contains itself. WIT types are not nested more deeply.
const maxDepth = 200

// programResource is a resource of the program, by its names.
type programResource struct{ iface, name string }

// objectTypes are the Go types of resources of the program.
type objectTypes map[reflect.Type][]programResource

// is says whether it is "acme:bank/accounts@1.0.0.account", whose version can be left out.
func (r programResource) is(resource string) bool {
	iface, name := "", resource
	if dot := strings.LastIndexByte(resource, '.'); dot >= 0 {
		iface, name = resource[:dot], resource[dot+1:]
	}
	return name == r.name && isOf(iface, r.iface)
}

// isOf says whether an interface has a name, whose version can be left out. `*` in the name stands for any text.
func isOf(iface, wanted string) bool {
	unversioned, _, _ := strings.Cut(iface, "@")
	return isLike(iface, wanted) || isLike(unversioned, wanted)
}

func isLike(text, pattern string) bool {
	parts := strings.Split(pattern, "*")
	last := len(parts) - 1
	if last == 0 {
		return text == pattern
	}
	text, hasBegin := strings.CutPrefix(text, parts[0])
	text, hasEnd := strings.CutSuffix(text, parts[last])
	for _, part := range parts[1:last] {
		_, after, found := strings.Cut(text, part)
		if !found {
			return false
		}
		text = after
	}
	return hasBegin && hasEnd
}

// binder makes codecs, and collects what does not fit.
type binder struct {
	objects  objectTypes
	problems []Diagnostic
	function string
	depth    int
}

func (b *binder) refuse(path, format string, args ...any) codec {
	b.problems = append(b.problems, Diagnostic{Code: "type-signature", Item: b.function, Offset: -1,
		Message: fmt.Sprintf("`%s`: ", path) + fmt.Sprintf(format, args...)})
	return nil
}

var naturalKinds = [...]uint8{reflect.Bool: kindBool, reflect.Int: kindS64, reflect.Int8: kindS8, reflect.Int16: kindS16,
	reflect.Int32: kindS32, reflect.Int64: kindS64, reflect.Uint: kindU64, reflect.Uint8: kindU8, reflect.Uint16: kindU16,
	reflect.Uint32: kindU32, reflect.Uint64: kindU64, reflect.Float32: kindF32, reflect.Float64: kindF64,
	reflect.Array: kindList, reflect.Map: kindMap, reflect.Pointer: kindOption, reflect.Slice: kindList,
	reflect.String: kindString, reflect.Struct: kindRecord, reflect.UnsafePointer: 0}

// naturalKind returns the kind of WIT type that a Go type stands for on its own; 0: none.
func (b *binder) naturalKind(t reflect.Type) uint8 {
	switch {
	case t == charType:
		return kindChar
	case t == resourceType || len(b.objects[t]) != 0:
		return kindOwn
	case t.Implements(endType):
		return reflect.Zero(t).Interface().(streamEnd).streamKind()
	case t.Implements(enumType) && (isInteger(t) || t.Kind() == reflect.String):
		return kindEnum
	case t.Implements(flagsType) && isUnsigned(t):
		return kindFlags
	case t.Kind() != reflect.Struct:
		return naturalKinds[t.Kind()]
	case t.Implements(resultType):
		return kindResult
	case hasMarker(t, variantType):
		return kindVariant
	case hasMarker(t, tupleType):
		return kindTuple
	}
	return kindRecord
}

func hasMarker(t reflect.Type, marker reflect.Type) bool {
	for i := range t.NumField() {
		if t.Field(i).Type == marker {
			return true
		}
	}
	return false
}

func isUnsigned(t reflect.Type) bool { return t.Kind() >= reflect.Uint && t.Kind() <= reflect.Uint64 }

func isInteger(t reflect.Type) bool { return t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64 }

// canStandFor says whether a Go type, which stands for `natural` on its own, can also stand for a type of another kind
// where that is known.
func canStandFor(t reflect.Type, natural, kind uint8) bool {
	switch kind {
	case natural:
		return true
	case kindChar:
		return t.Kind() == reflect.Int32
	case kindEnum:
		return isInteger(t) || t.Kind() == reflect.String
	case kindFlags:
		return isUnsigned(t)
	case kindTuple, kindVariant, kindResult:
		return natural == kindRecord
	case kindBorrow:
		return natural == kindOwn
	}
	return false
}

// What a Go type can be, for messages.
var goNames = [...]string{kindBool: "bool", kindS8: "int8", kindU8: "uint8", kindS16: "int16", kindU16: "uint16",
	kindS32: "int32", kindU32: "uint32", kindS64: "int64", kindU64: "uint64", kindF32: "float32", kindF64: "float64",
	kindChar: "tenon.Char", kindString: "string", kindList: "a slice", kindRecord: "a struct",
	kindTuple: "a struct with one field for each element", kindMap: "a map",
	kindVariant: "a struct with one pointer field for each case", kindEnum: "an integer or a string",
	kindOption: "a pointer", kindResult: "tenon.Result", kindFlags: "an unsigned integer", kindOwn: "*tenon.Resource",
	kindBorrow: "*tenon.Resource", kindStream: "*tenon.Stream", kindFuture: "*tenon.Future"}

// bind makes the codec of a Go type, for a type of WIT, or for the one that the Go type stands for if that is nil. path:
// in the function, for messages. Returns nil after a problem.
func (b *binder) bind(t reflect.Type, wit *C.tenon_type, path string) codec {
	b.depth++
	defer func() { b.depth-- }()
	natural := b.naturalKind(t)
	kind := natural
	if wit != nil {
		kind = uint8(C.tenon_type_kind(wit))
		if kind == 0 {
			return b.refuse(path, "a program cannot pass `%s`", C.GoString(C.tenon_type_wit(wit)))
		}
		if !canStandFor(t, natural, kind) {
			return b.refuse(path, "the Go type `%s` does not fit `%s`: use %s", t, C.GoString(C.tenon_type_wit(wit)), goNames[kind])
		}
	}
	switch {
	case b.depth > maxDepth:
		return b.refuse(path, "the Go type `%s` contains itself", t)
	case kind == 0:
		return b.refuse(path, "the Go type `%s` does not stand for a type of WIT", t)
	case kind <= kindChar:
		return scalar(kind)
	}
	return b.bindParts(t, kind, wit, path)
}

func (b *binder) bindParts(t reflect.Type, kind uint8, wit *C.tenon_type, path string) codec {
	switch kind {
	case kindString:
		return text{}
	case kindList:
		return b.bindList(t, wit, path)
	case kindMap:
		return &mapping{t, b.bind(t.Key(), partOf(wit, 0), path+".key"), b.bind(t.Elem(), partOf(wit, 1), path+".value")}
	case kindRecord, kindTuple:
		return b.bindRecord(t, kind, wit, path)
	case kindVariant, kindResult:
		return b.bindVariant(t, kind, wit, path)
	case kindEnum:
		return b.bindEnum(t, wit, path)
	case kindFlags:
		if count := int(C.tenon_type_part_count(wit)); count > t.Bits() {
			return b.refuse(path, "`%s` has %d bits, and the type %d flags", t, t.Bits(), count)
		}
		return flags{t.Size()}
	case kindOption:
		some := wit
		if wit != nil {
			some = C.tenon_type_part(wit, 1)
		}
		return &option{t.Elem(), b.bind(t.Elem(), some, path+".some")}
	case kindOwn, kindBorrow:
		switch {
		case wit != nil && !b.checkOwner(t, wit, path):
			return nil
		case t == resourceType:
			return handle{kind}
		}
		return &object{kind, t}
	default: // stream, future
		return reflect.Zero(t).Interface().(streamEnd).bindEnd(b, wit, path)
	}
}

// checkOwner refuses a Go type of the program for a resource of a guest, and the other way round, whatever their names.
func (b *binder) checkOwner(t reflect.Type, wit *C.tenon_type, path string) bool {
	resource, owner := C.GoString(C.tenon_type_resource(wit)), C.GoString(C.tenon_type_owner(wit))
	isProgram := owner == "program"
	switch {
	case t == resourceType && isProgram:
		b.refuse(path, "`%s` is a resource of the program: use the Go type that HostResource declares for it", resource)
	case t != resourceType && !isProgram && owner != "":
		b.refuse(path, "`%s` is a resource of `%s`, and `%s` is for resources of the program: use *tenon.Resource", resource, owner, t)
	case t != resourceType && !slices.ContainsFunc(b.objects[t], func(r programResource) bool { return r.is(resource) }):
		b.refuse(path, "the Go type `%s` is for another resource than `%s`", t, resource)
	default:
		return true
	}
	return false
}

// partOf returns a part of a type; nil if the type is unknown, or the part is without a type.
func partOf(wit *C.tenon_type, index int) *C.tenon_type {
	if wit == nil {
		return nil
	}
	return C.tenon_type_part(wit, C.size_t(index))
}

func labelOf(wit *C.tenon_type, index int) string {
	return C.GoString(C.tenon_type_part_label(wit, C.size_t(index)))
}

// isSameFunction compares the types of two functions.
func isSameFunction(a, b *C.tenon_function) bool {
	count := C.tenon_function_param_count(a)
	if count != C.tenon_function_param_count(b) {
		return false
	}
	for i := range count {
		if !isSameType(C.tenon_function_param_type(a, i), C.tenon_function_param_type(b, i), 0) {
			return false
		}
	}
	return isSameType(C.tenon_function_result_type(a), C.tenon_function_result_type(b), 0)
}

func isSameType(a, b *C.tenon_type, depth int) bool {
	if a == nil || b == nil || depth > maxDepth {
		return a == b || depth > maxDepth
	}
	count := C.tenon_type_part_count(a)
	if C.tenon_type_kind(a) != C.tenon_type_kind(b) || count != C.tenon_type_part_count(b) ||
		C.tenon_type_length(a) != C.tenon_type_length(b) {
		return false
	}
	for i := range count {
		if labelOf(a, int(i)) != labelOf(b, int(i)) || !isSameType(C.tenon_type_part(a, i), C.tenon_type_part(b, i), depth+1) {
			return false
		}
	}
	return true
}

func (b *binder) bindList(t reflect.Type, wit *C.tenon_type, path string) codec {
	l := &list{typ: t, size: t.Elem().Size(), count: -1}
	if t.Kind() == reflect.Array {
		l.count = t.Len()
	}
	if wit != nil {
		fixed := int(C.tenon_type_length(wit))
		if l.count >= 0 && fixed != l.count {
			return b.refuse(path, "the Go type `%s` does not fit `%s`", t, C.GoString(C.tenon_type_wit(wit)))
		}
	}
	l.element = b.bind(t.Elem(), partOf(wit, 0), path+"[]")
	if s, ok := l.element.(scalar); ok {
		l.packed = uint8(s)
	}
	return l
}

// fieldsOf returns the fields of a struct that stand for parts.
func (b *binder) fieldsOf(t reflect.Type, path string) []reflect.StructField {
	var fields []reflect.StructField
	for i := range t.NumField() {
		field := t.Field(i)
		switch {
		case field.Type == tupleType || field.Type == variantType:
		case !field.IsExported():
			b.refuse(path, "the field `%s` of `%s` is not exported", field.Name, t)
		default:
			fields = append(fields, field)
		}
	}
	return fields
}

// fieldLabel returns the label of a field: its tag, or its name.
func fieldLabel(field reflect.StructField) string {
	if tag := field.Tag.Get("wit"); tag != "" {
		return tag
	}
	return field.Name
}

// sameLabel compares a label of WIT with that of a field: `max-size` with `MaxSize`.
func sameLabel(label, field string) bool {
	strip := strings.NewReplacer("-", "", "_", "", "%", "").Replace
	return strings.EqualFold(strip(label), strip(field))
}

// match pairs the parts of a type with fields, by their labels. Without a type, the fields are the parts.
func (b *binder) match(t reflect.Type, wit *C.tenon_type, path string, call func(field reflect.StructField, label string, index int)) {
	fields := b.fieldsOf(t, path)
	if wit == nil {
		for i, field := range fields {
			call(field, fieldLabel(field), i)
		}
		return
	}
	unused := map[string]bool{}
	for _, field := range fields {
		unused[field.Name] = true
	}
	for i := range int(C.tenon_type_part_count(wit)) {
		label := labelOf(wit, i)
		found := false
		for _, field := range fields {
			if sameLabel(label, fieldLabel(field)) && unused[field.Name] {
				found = true
				delete(unused, field.Name)
				call(field, label, i)
				break
			}
		}
		if !found {
			b.refuse(path, "`%s` has no field for `%s` of `%s`", t, label, C.GoString(C.tenon_type_wit(wit)))
		}
	}
	for _, field := range fields {
		if unused[field.Name] {
			b.refuse(path, "`%s` has no part `%s`, which is a field of `%s`", C.GoString(C.tenon_type_wit(wit)), fieldLabel(field), t)
		}
	}
}

func (b *binder) bindRecord(t reflect.Type, kind uint8, wit *C.tenon_type, path string) codec {
	r := &record{kind: kind}
	if kind == kindTuple {
		fields := b.fieldsOf(t, path)
		if count := int(C.tenon_type_part_count(wit)); wit != nil && count != len(fields) {
			return b.refuse(path, "`%s` has %d fields, and the tuple %d elements", t, len(fields), count)
		}
		for i, field := range fields {
			label := fmt.Sprint(i)
			r.fields = append(r.fields, part{label, field.Offset, b.bind(field.Type, partOf(wit, i), path+"."+label), nil})
		}
		return r
	}
	b.match(t, wit, path, func(field reflect.StructField, label string, index int) {
		r.fields = append(r.fields, part{label, field.Offset, b.bind(field.Type, partOf(wit, index), path+"."+label), nil})
	})
	return r
}

func (b *binder) bindVariant(t reflect.Type, kind uint8, wit *C.tenon_type, path string) codec {
	v := &variant{kind: kind}
	b.match(t, wit, path, func(field reflect.StructField, label string, index int) {
		of := part{label: label, offset: field.Offset}
		inner, payload := path+"."+label, partOf(wit, index)
		isEmpty := field.Type.Kind() == reflect.Bool || field.Type.Kind() == reflect.Pointer && field.Type.Elem() == noneType
		switch {
		case field.Type.Kind() != reflect.Bool && field.Type.Kind() != reflect.Pointer:
			b.refuse(inner, "a case is a pointer or a bool, not `%s`", field.Type)
		case wit != nil && isEmpty != (payload == nil):
			b.refuse(inner, "`%s` does not fit a case %s", field.Type, map[bool]string{true: "with a payload", false: "without a payload: use bool"}[payload != nil])
		case field.Type.Kind() == reflect.Pointer:
			of.typ = field.Type.Elem()
			if !isEmpty {
				of.codec = b.bind(of.typ, payload, inner)
			}
		}
		v.cases = append(v.cases, of)
	})
	return v
}

func (b *binder) bindEnum(t reflect.Type, wit *C.tenon_type, path string) codec {
	var own, found labels
	if t.Implements(enumType) {
		own = reflect.Zero(t).Interface().(EnumLabels).EnumLabels()
	}
	if wit == nil {
		found = own
	}
	for i := range int(C.tenon_type_part_count(wit)) {
		found = append(found, labelOf(wit, i))
	}
	if own != nil && strings.Join(own, " ") != strings.Join(found, " ") {
		return b.refuse(path, "`%s` has the labels %s, and the enum %s", t, strings.Join(own, ", "), strings.Join(found, ", "))
	}
	if t.Kind() == reflect.String {
		return found
	}
	return enum{t.Size()}
}
