imports {
    theater:simple/runtime {
        log: func(line: string),
    }
}
exports {
    theater:simple/actor.init: func(state: value) -> result<tuple<value, tuple<>>, string>,
    theater:simple/counter.add: func(state: value, amount: s64) -> result<tuple<value, s64>, string>,
}
