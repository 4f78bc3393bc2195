;; Exports one interface twice, with labels.
(component
  (core module $m
    (func (export "one") (result i32) (i32.const 1))
    (func (export "two") (result i32) (i32.const 2)))
  (core instance $i (instantiate $m))
  (func $one (result u32) (canon lift (core func $i "one")))
  (func $two (result u32) (canon lift (core func $i "two")))
  (instance $first (export "rate" (func $one)))
  (instance $second (export "rate" (func $two)))
  (export "first" (implements "demo:tax/lib@1.0.0") (instance $first))
  (export "second" (implements "demo:tax/lib@1.0.0") (instance $second)))
