package tenon_test

import (
	"context"
	"errors"
	"fmt"

	"tenon.example/tenon"
)

const kinds = "../../tests/guests/kinds/kinds.wat"

func Example() {
	ctx := context.Background()
	composition, err := tenon.Link(ctx, tenon.Component("kinds", kinds))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer composition.Close()

	type item struct {
		Name string
		Cost *float64 `wit:"price"`
		Tags []string
	}
	same, err := tenon.Func1[item, item](composition, "acme:kinds/same", "same-item")
	if err != nil {
		fmt.Println(err)
		return
	}
	tea, err := same(ctx, item{Name: "tea", Tags: []string{"hot"}})
	fmt.Println(tea.Name, tea.Cost, tea.Tags, err)

	_, err = tenon.Func2[uint32, int8, uint32](composition, "", "add")
	fmt.Println(err)
	// Output:
	// tea <nil> [hot] <nil>
	// type-signature: `$.b`: the Go type `int8` does not fit `u32`: use uint32
}

func ExampleErrorValue() {
	ctx := context.Background()
	composition, err := tenon.Link(ctx, tenon.Component("kinds", kinds))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer composition.Close()
	type outcome = tenon.Result[uint32, string]
	same, err := tenon.Func1[outcome, uint32](composition, "acme:kinds/same", "same-result")
	if err != nil {
		fmt.Println(err)
		return
	}
	text := "no such file"
	_, err = same(ctx, outcome{Err: &text})
	var failed *tenon.ErrorValue[string]
	fmt.Println(err, errors.As(err, &failed) && failed.Value == text)

	crash, err := tenon.Func0[tenon.None](composition, "", "crash")
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = crash(ctx)
	var trap *tenon.CallError
	if errors.As(err, &trap) && trap.Kind == tenon.Trap {
		fmt.Println(trap.Unit, trap.Function, trap.Message)
	}
	// Output:
	// same-result: no such file true
	// kinds crash wasm `unreachable` instruction executed
}
