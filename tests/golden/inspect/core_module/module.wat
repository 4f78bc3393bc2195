(module
  (import "env" "log" (func (param i32)))
  (import "env" "table" (table 1 funcref))
  (global (export "count") (mut i32) (i32.const 0))
  (memory (export "memory") 1)
  (func (export "run")))
