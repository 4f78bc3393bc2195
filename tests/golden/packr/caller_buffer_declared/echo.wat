;; A package in packr's original form, which nothing in the module tells.
(module
  (memory (export "memory") 2)
  (func (export "echo") (param i32 i32 i32 i32) (result i32)
    (memory.copy (local.get 2) (local.get 0) (local.get 1))
    (local.get 1)))
