package tenon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// The table of tests/values, whose values are those of the rows in value_rows_test.go.
type valueTable struct {
	Languages []string
	Sets      map[string]struct {
		Interface string
		Guests    map[string]string // their paths, by language; "": tools/guest_languages.py builds it
		Relay     string            // calls functions of the program
	}
	Rows []struct {
		Set, Function string
		Spread        bool // the arguments are the fields of a value
		Values        []struct {
			JSON  json.RawMessage // a part of the value, if there are several
			Times int
		}
	}

	t            *testing.T
	next         int
	compositions map[string]*Composition // of each set that is passed; nil: functions of the program are collected
	functions    map[string][]Option     // of each set
	isRelayed    bool
	received     any // by a function of the program
}

func readValueTable(t *testing.T) *valueTable {
	data, err := os.ReadFile("../../tests/values/gen/values.json")
	if err != nil {
		t.Fatal(err)
	}
	table := &valueTable{t: t}
	if err := json.Unmarshal(data, table); err != nil {
		t.Fatal(err)
	}
	return table
}

// buildGuest builds a guest, if that has not been done. The test is skipped if its toolchain is not installed.
func buildGuest(t *testing.T, language string) string {
	printed, err := exec.Command("python3", "../../tools/guest_languages.py", "path", "values-"+language).Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) && failed.ExitCode() == 77 {
		t.Skipf("%s", failed.Stderr)
	}
	return strings.TrimSpace(string(must(printed, err)(t)))
}

func (table *valueTable) link(set, path string, options ...Option) {
	if !filepath.IsAbs(path) {
		path = filepath.Join("..", "..", path)
	}
	table.compositions[set] = linkFile(table.t, path, options...)
}

func (table *valueTable) pass() {
	table.t.Helper()
	passRows(table)
	if table.next != len(table.Rows) || len(table.compositions) == 0 {
		table.t.Errorf("%d of %d rows of %d sets were passed", table.next, len(table.Rows), len(table.compositions))
	}
}

// Values come back from guests in several languages.
func TestValues(t *testing.T) {
	for _, language := range readValueTable(t).Languages {
		ways := map[string][]Option{"one domain": {}, "isolated": {Isolate()}}
		if language == "wat" {
			ways["parallel"] = []Option{Parallel()}
		}
		for way, options := range ways {
			t.Run(language+" "+way, func(t *testing.T) {
				table := readValueTable(t)
				table.compositions = map[string]*Composition{}
				for set, of := range table.Sets {
					if path, found := of.Guests[language]; found {
						if path == "" {
							path = buildGuest(t, language)
						}
						table.link(set, path, options...)
					}
				}
				table.pass()
			})
		}
	}
}

// Values reach functions of the program.
func TestValuesOfHostFunctions(t *testing.T) {
	table := readValueTable(t)
	table.functions = map[string][]Option{}
	passRows(table)
	table.isRelayed, table.compositions = true, map[string]*Composition{}
	for set, of := range table.Sets {
		if of.Relay != "" {
			table.link(set, of.Relay, table.functions[set]...)
		}
	}
	table.pass()
}

// row passes the values of a row to its function.
func row[T any](table *valueTable, set, function string, values ...T) {
	t, iface := table.t, table.Sets[set].Interface
	t.Helper()
	if table.compositions == nil {
		receive := HostFunc(iface, function, func(v T) T { table.received = v; return v })
		table.functions[set] = append(table.functions[set], receive)
		return
	}
	of := table.Rows[table.next]
	table.next++
	if of.Set != set || of.Function != function || len(of.Values) != len(values) {
		t.Fatalf("the table has another row, %s of %s with %d values", of.Function, of.Set, len(of.Values))
	}
	composition := table.compositions[set]
	if composition == nil {
		return // no guest has the set
	}
	f := must(composition.Function(iface, function))(t)
	bounded, cancel := context.WithCancel(ctx)
	defer cancel()
	for i, v := range values {
		expect := func(found any) {
			t.Helper()
			if !sameValue(v, found) {
				t.Errorf("%s: passed %.500v, found %.500v", function, v, found)
			}
			if table.isRelayed && !sameValue(v, table.received) {
				t.Errorf("%s: passed %.500v, the program received %.500v", function, v, table.received)
			}
			table.received = nil
		}
		args := []any{v}
		if of.Spread {
			args = fieldsOf(v)
		} else {
			call := must(Func1[T, T](composition, iface, function))(t)
			for _, ctx := range []context.Context{ctx, bounded} {
				expect(must(call(ctx, v))(t))
			}
		}
		var found T
		if err := f.Call(ctx, &found, args...); err != nil {
			t.Error(textOf(err))
		}
		expect(found)
		if of.Values[i].Times != 0 && os.Getenv("TENON_TEST_ALL") == "" {
			continue // long JSON takes seconds with the race detector
		}
		text := repeatJSON(of.Values[i].JSON, of.Values[i].Times)
		arguments := text
		if !of.Spread {
			arguments = bytes.Join([][]byte{[]byte("["), text, []byte("]")}, nil)
		}
		returned := must(f.CallJSON(ctx, arguments))(t)
		expect(v)
		isMap := reflect.TypeFor[T]().Kind() == reflect.Map
		if !reflect.DeepEqual(readJSON(t, returned, isMap), readJSON(t, text, isMap)) {
			t.Errorf("%s: passed %.500s, found %.500s", function, text, returned)
		}
	}
}

// sameValue compares values. Numbers alone and in slices can be NaN, and have the sign of a zero.
func sameValue(a, b any) bool {
	switch a.(type) {
	case float32, float64, []float32, []float64:
		return reflect.TypeOf(a) == reflect.TypeOf(b) && fmt.Sprint(a) == fmt.Sprint(b)
	}
	return reflect.DeepEqual(a, b)
}

// fieldsOf returns the elements of a tuple.
func fieldsOf(tuple any) (fields []any) {
	of := reflect.ValueOf(tuple)
	for i := 1; i < of.NumField(); i++ {
		fields = append(fields, of.Field(i).Interface())
	}
	return fields
}

// repeatJSON puts lists or texts together.
func repeatJSON(part []byte, times int) []byte {
	if times == 0 {
		return part
	}
	end := len(part) - 1
	between := []byte(",")[:map[byte]int{'[': 1}[part[0]]]
	inner := bytes.Repeat(append(between, part[1:end]...), times)[len(between):]
	return bytes.Join([][]byte{part[:1], inner, part[end:]}, nil)
}

// readJSON reads JSON. The pairs of a map have no order in Go.
func readJSON(t *testing.T, text []byte, isMap bool) any {
	var read any
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	if !isMap {
		return read
	}
	pairs := map[any]any{}
	for _, pair := range read.([]any) {
		pairs[pair.([]any)[0]] = pair.([]any)[1]
	}
	return pairs
}

func same[T comparable](t *testing.T, c *Composition, name string, list ...T) {
	t.Helper()
	call := must(Func1[T, T](c, "acme:kinds/same", name))(t)
	for _, v := range list {
		if found := must(call(ctx, v))(t); found != v {
			t.Errorf("%s: passed %v, found %v", name, v, found)
		}
	}
}

// Go types that stand for types whose usual Go type is another one.
func TestOtherGoTypes(t *testing.T) {
	c := linkFile(t, kinds)
	same(t, c, "same-s64", math.MinInt64, -1, math.MaxInt64)
	same[rune](t, c, "same-char", 0, 'x', 0x10FFFF)
	same(t, c, "same-color", "red", "ok")
	same[uint8](t, c, "same-color", 0, 2)
	same[uint32](t, c, "same-access", 0, 7)
	if _, err := must(Func1[rune, rune](c, "acme:kinds/same", "same-char"))(t)(ctx, 0xD800); err == nil {
		t.Error("a surrogate was passed")
	}
}
