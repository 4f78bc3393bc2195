exports {
    needs-number: func(n: s64) -> s64,
    needs-two: func(a: s64, b: s64) -> s64,
    refuses: func() -> value,
    panics: func() -> s64,
    crashes: func() -> s64,
    spins: func(turns: s64) -> s64,
    sinks: func(depth: s64) -> s64,
}
