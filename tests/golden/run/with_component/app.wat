;; Asks another unit for a rate, and ends with ok if it is 19.
(component
  (import "acme:tax/lib@1.0.0" (instance $tax (export "rate" (func (result u32)))))
  (core func $rate (canon lower (func $tax "rate")))
  (core module $m
    (import "tax" "rate" (func $rate (result i32)))
    (func (export "run") (result i32) (i32.ne (call $rate) (i32.const 19))))
  (core instance $i (instantiate $m (with "tax" (instance (export "rate" (func $rate))))))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $cli (export "run" (func $run)))
  (export "wasi:cli/run@0.2.6" (instance $cli)))
