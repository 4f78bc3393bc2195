package tenon

import (
	"fmt"
	"os"
	"testing"
	"time"
	"unsafe"

	"tenon.example/tenon/internal/byhand"
)

func makeItems() (items []Item, handItems []byhand.Item) {
	for i := range 1000 {
		of := Item{fmt.Sprint("name ", i), ptr(float64(i)), []string{"a", "b"}}
		items, handItems = append(items, of), append(handItems, byhand.Item(of))
	}
	return items, handItems
}

func BenchmarkAdd(b *testing.B) {
	c := linkText(b, spinner)
	f := must(c.Function("", "add"))(b)
	add := must(Func2[uint32, uint32, uint32](c, "", "add"))(b)
	b.Run("cgo", func(b *testing.B) { byhand.Flat(unsafe.Pointer(f.handle), b.N) })
	b.Run("Func2", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = add(ctx, 1, 2)
		}
	})
	b.Run("Call", func(b *testing.B) {
		b.ReportAllocs()
		var sum uint32
		for b.Loop() {
			_ = f.Call(ctx, &sum, uint32(1), uint32(2))
		}
	})
}

func BenchmarkBytes(b *testing.B) {
	data := make([]byte, 1<<20)
	echo := must(Func1[[]byte, []byte](linkFile(b, echoGuest), "", "same-bytes"))(b)
	b.SetBytes(1 << 20)
	for b.Loop() {
		must(echo(ctx, data))(b)
	}
}

func BenchmarkRecords(b *testing.B) {
	items, handItems := makeItems()
	c := linkFile(b, echoGuest)
	echo := must(Func1[[]Item, []Item](c, "", "same-items"))(b)
	b.Run("reflection", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			must(echo(ctx, items))(b)
		}
	})
	b.Run("by hand", func(b *testing.B) {
		b.ReportAllocs()
		f := must(c.Function("", "same-items"))(b)
		for b.Loop() {
			if found := byhand.Records(unsafe.Pointer(f.handle), handItems); len(found) != len(items) {
				b.Fatal(len(found))
			}
		}
	})
}

// fastest returns the least time of several runs of each function, in turn, so that other programs disturb them alike.
func fastest(runs int, functions ...func()) []time.Duration {
	least := make([]time.Duration, len(functions))
	for range runs {
		for i, function := range functions {
			begun := time.Now()
			function()
			if taken := time.Since(begun); least[i] == 0 || taken < least[i] {
				least[i] = taken
			}
		}
	}
	return least
}

// TestSpeed compares with calls of C. Other processes disturb it, so only TENON_TEST_ALL makes it fail.
func TestSpeed(t *testing.T) {
	c := linkText(t, spinner)
	f := must(c.Function("", "add"))(t)
	add := must(Func2[uint32, uint32, uint32](c, "", "add"))(t)
	const count = 2000
	times := fastest(100, func() { byhand.Flat(unsafe.Pointer(f.handle), count) }, func() {
		for i := range uint32(count) {
			_, _ = add(ctx, i, 3)
		}
	})
	compare(t, "add", times, 1.5)

	items, handItems := makeItems()
	guest := linkFile(t, echoGuest)
	echo := must(Func1[[]Item, []Item](guest, "", "same-items"))(t)
	echoFunction := must(guest.Function("", "same-items"))(t)
	times = fastest(50, func() { byhand.Records(unsafe.Pointer(echoFunction.handle), handItems) }, func() { must(echo(ctx, items))(t) })
	compare(t, "1000 records", times, 2)

	data := make([]byte, 1<<20)
	bytes := must(Func1[[]byte, []byte](guest, "", "same-bytes"))(t)
	bytesFunction := must(guest.Function("", "same-bytes"))(t)
	times = fastest(50, func() { byhand.Bytes(unsafe.Pointer(bytesFunction.handle), data) }, func() { must(bytes(ctx, data))(t) })
	compare(t, "1 MiB of bytes", times, 2)
}

func compare(t *testing.T, what string, times []time.Duration, limit float64) {
	ratio := float64(times[1]) / float64(times[0])
	t.Logf("%s: %v, by hand %v: %.2f times", what, times[1], times[0], ratio)
	if ratio > limit && os.Getenv("TENON_TEST_ALL") != "" {
		t.Errorf("%s: %.2f times a call by hand, at most %g", what, ratio, limit)
	}
}
