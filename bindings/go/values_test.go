package tenon

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
)

type Keywords struct {
	Type  string
	Func  bool
	Range uint8 `wit:"range"`
	Chan  *int64
}

type Item struct {
	Name  string
	Price *float64
	Tags  []string
}

type Keep struct {
	_       Variant
	Forever bool
	Days    *uint32
	Until   *string
	Item    *Item
}

type Color uint8

func (Color) EnumLabels() []string { return []string{"red", "dark-green", "func"} }

type Level string

func (Level) EnumLabels() []string { return []string{"low", "high"} }

type Access uint16

func (Access) FlagLabels() []string { return []string{"read", "write", "type"} }

type Pair[A, B any] struct {
	_      Tuple
	First  A
	Second B
}

type Wide struct {
	A int8
	B uint64
	C bool
	D float32
	E Char
	F int16
}

func ptr[T any](v T) *T { return &v }

const item = `(type $item' (record (field "name" string) (field "price" (option f64)) (field "tags" (list string))))
  (import "item" (type $item (eq $item')))`

// A case passes values through a guest, and through a guest and a function of the program.
type valueCase struct {
	name, declarations, wit string
	check                   func(t *testing.T, path string, options ...Option)
}

func values[T any](name, declarations, wit string, list ...T) valueCase {
	return valueCase{name, declarations, wit, func(t *testing.T, path string, options ...Option) {
		if list == nil {
			list = []T{}
		}
		echo := HostFunc("test:go/host", "echo", func(v []T) []T { return v })
		c := linkFile(t, path, append(options, echo)...)
		for _, name := range []string{"echo", "relay"} {
			call := must(Func1[[]T, []T](c, "", name))(t)
			for range 2 {
				if found := must(call(ctx, list))(t); !reflect.DeepEqual(found, list) {
					t.Errorf("%s: passed %#v, found %#v", name, list, found)
				}
			}
			f := must(c.Function("", name))(t)
			for i := range min(len(list), 10) {
				var found []T
				if err := f.Call(ctx, &found, list[i:i+1]); err != nil || !reflect.DeepEqual(found, list[i:i+1]) {
					t.Errorf("%s: passed %#v, found %#v, %v", name, list[i:i+1], found, err)
				}
			}
		}
	}}
}

func many[T any](count int, make func(i int) T) []T {
	var list []T
	for i := range count {
		list = append(list, make(i))
	}
	return list
}

var long = strings.Repeat("häuser und bäume ", 5000)

var valueCases = []valueCase{
	values("bool", "", "bool", true, false, true),
	values[int8]("s8", "", "s8", math.MinInt8, -1, 0, math.MaxInt8),
	values[uint8]("u8", "", "u8", 0, 1, math.MaxUint8),
	values[int16]("s16", "", "s16", math.MinInt16, -1, 0, math.MaxInt16),
	values[uint16]("u16", "", "u16", 0, math.MaxUint16),
	values[int32]("s32", "", "s32", math.MinInt32, -1, 0, math.MaxInt32),
	values[uint32]("u32", "", "u32", 0, math.MaxUint32),
	values[int64]("s64", "", "s64", math.MinInt64, -1, 0, math.MaxInt64),
	values("int", "", "s64", math.MinInt64, -1, 0, math.MaxInt64),
	values[uint64]("u64", "", "u64", 0, math.MaxUint64),
	values[float32]("f32", "", "f32", 0, -1.5, math.MaxFloat32, math.SmallestNonzeroFloat32, float32(math.Inf(-1))),
	values("f64", "", "f64", 0, -1.5, math.MaxFloat64, math.SmallestNonzeroFloat64, math.Inf(1)),
	values[Char]("char", "", "char", 0, 'a', 'ß', '\uD7FF', '\uE000', 0x10FFFF),
	values("string", "", "string", "", "a", "\x00", "日本語 🎉", long),
	values[string]("no elements", "", "string"),
	values("bytes", "", "(list u8)", []byte{}, []byte{0, 255}, make([]byte, 1<<20)),
	values("numbers", "", "(list u16)", []uint16{}, []uint16{1, 65535}, make([]uint16, 100001)),
	values("10^5 strings", "", "string", many(100000, func(i int) string { return fmt.Sprint("s", i) })...),
	values("10^5 records", item, "$item", many(100000, func(i int) Item { return Item{fmt.Sprint(i), ptr(float64(i)), []string{}} })...),
	values("lists of lists", "", "(list (list string))", [][]string{}, [][]string{{}, {"a", ""}}, [][]string{{"b"}}),
	values("fixed lists", "", "(tuple (list u8 3) (list string 2))",
		Pair[[3]uint8, [2]string]{First: [3]uint8{1, 2, 3}, Second: [2]string{"a", "b"}}),
	values("tuple", "", "(tuple u8 string)", Pair[uint8, string]{First: 255, Second: "x"}),
	values("nested tuple", "", "(tuple (tuple s8 f32) (option (tuple bool char)))",
		Pair[Pair[int8, float32], *Pair[bool, Char]]{First: Pair[int8, float32]{First: -1, Second: 2}},
		Pair[Pair[int8, float32], *Pair[bool, Char]]{Second: &Pair[bool, Char]{First: true, Second: 'x'}}),
	values("record", item, "$item", Item{"a", nil, []string{}}, Item{"", ptr(math.Pi), []string{"b", ""}}),
	values("keywords", `(type $k' (record (field "type" string) (field "func" bool) (field "range" u8) (field "chan" (option s64))))
  (import "k" (type $k (eq $k')))`, "$k", Keywords{"a", true, 3, ptr[int64](-9)}, Keywords{}),
	values("padding", `(type $w' (record (field "a" s8) (field "b" u64) (field "c" bool) (field "d" f32) (field "e" char) (field "f" s16)))
  (import "w" (type $w (eq $w')))`, "$w", Wide{-1, math.MaxUint64, true, -0.5, 'é', -300}),
	values("variant", item+`(type $keep' (variant (case "forever") (case "days" u32) (case "until" string) (case "item" $item)))
  (import "keep" (type $keep (eq $keep')))`, "$keep",
		Keep{Forever: true}, Keep{Days: ptr[uint32](7)}, Keep{Until: ptr("")}, Keep{Item: &Item{"x", nil, []string{"t"}}}),
	values("option", "", "(option string)", nil, ptr(""), ptr("x")),
	values("nested option", "", "(option (option u8))", nil, ptr[*uint8](nil), ptr(ptr[uint8](5))),
	values("result", "", "(result u32 (error string))", Result[uint32, string]{Ok: ptr[uint32](1)}, Result[uint32, string]{Err: ptr("no")}),
	values("empty result", "", "(result)", Result[None, None]{Ok: &None{}}, Result[None, None]{Err: &None{}}),
	values("result of lists", "", "(result (list u64) (error (option bool)))", Result[[]uint64, *bool]{Ok: &[]uint64{1, math.MaxUint64}},
		Result[[]uint64, *bool]{Err: ptr(ptr(true))}, Result[[]uint64, *bool]{Err: ptr[*bool](nil)}),
	values[Color]("enum", `(type $color' (enum "red" "dark-green" "func")) (import "color" (type $color (eq $color')))`, "$color", 0, 1, 2),
	values[Level]("enum of labels", `(type $level' (enum "low" "high")) (import "level" (type $level (eq $level')))`, "$level", "high", "low"),
	values[Access]("flags", `(type $access' (flags "read" "write" "type")) (import "access" (type $access (eq $access')))`, "$access", 0, 5, 7),
	values("map", "", "(map string u32)", map[string]uint32{}, map[string]uint32{"a": 1, "": math.MaxUint32}),
	values("map of lists", "", "(map u16 (list string))", map[uint16][]string{1: {"a"}, 65535: {}}),
}

func TestValues(t *testing.T) {
	for _, of := range valueCases {
		t.Run(of.name, func(t *testing.T) {
			path := writeGuest(t, echoGuest(of.declarations, of.wit))
			of.check(t, path)
			of.check(t, path, Isolate())
		})
	}
}

func TestNaN(t *testing.T) {
	c := linkFile(t, kinds)
	f64 := must(Func1[float64, float64](c, "acme:kinds/same", "same-f64"))(t)
	f32 := must(Func1[float32, float32](c, "acme:kinds/same", "same-f32"))(t)
	if found := must(f64(ctx, math.NaN()))(t); !math.IsNaN(found) {
		t.Error(found)
	}
	if found := must(f32(ctx, float32(math.NaN())))(t); !math.IsNaN(float64(found)) {
		t.Error(found)
	}
	if found := must(f64(ctx, math.Copysign(0, -1)))(t); !math.Signbit(found) {
		t.Error(found)
	}
}

func same[T comparable](t *testing.T, c *Composition, name string, list ...T) {
	t.Helper()
	call := must(Func1[T, T](c, "acme:kinds/same", name))(t)
	f := must(c.Function("acme:kinds/same", name))(t)
	bounded, cancel := context.WithCancel(ctx)
	defer cancel()
	for _, v := range list {
		var dynamic T
		if err := f.Call(ctx, &dynamic, v); err != nil || dynamic != v {
			t.Errorf("%s: passed %v, found %v, %v", name, v, dynamic, err)
		}
		for _, ctx := range []context.Context{ctx, bounded} {
			if found := must(call(ctx, v))(t); found != v {
				t.Errorf("%s: passed %v, found %v", name, v, found)
			}
		}
	}
}

// Numbers alone go another way than those in lists.
func TestNumbers(t *testing.T) {
	for _, options := range [][]Option{{}, {Isolate()}, {Parallel()}} {
		c := linkFile(t, kinds, options...)
		same(t, c, "same-bool", true, false)
		same[int8](t, c, "same-s8", math.MinInt8, -1, 0, math.MaxInt8)
		same[uint8](t, c, "same-u8", 0, math.MaxUint8)
		same[int16](t, c, "same-s16", math.MinInt16, -1, math.MaxInt16)
		same[uint16](t, c, "same-u16", math.MaxUint16)
		same[int32](t, c, "same-s32", math.MinInt32, -1, math.MaxInt32)
		same[uint32](t, c, "same-u32", math.MaxUint32)
		same[int64](t, c, "same-s64", math.MinInt64, -1, math.MaxInt64)
		same(t, c, "same-s64", math.MinInt64, -1, math.MaxInt64)
		same[uint64](t, c, "same-u64", math.MaxUint64)
		same[float32](t, c, "same-f32", -0.5, math.MaxFloat32, float32(math.Inf(1)))
		same(t, c, "same-f64", -0.5, math.MaxFloat64, math.Inf(-1))
		same[rune](t, c, "same-char", 0, 'x', 0x10FFFF)
		same(t, c, "same-string", "", "x", long)
		same(t, c, "same-color", "red", "ok")
		same[uint8](t, c, "same-color", 0, 2)
		same[uint32](t, c, "same-access", 0, 7)
		_, err := must(Func1[rune, rune](c, "acme:kinds/same", "same-char"))(t)(ctx, 0xD800)
		if err == nil {
			t.Error("a surrogate was passed")
		}
	}
}
