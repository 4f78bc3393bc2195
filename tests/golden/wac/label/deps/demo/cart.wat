;; `total` is the rate and 100.
(component
  (import "demo:tax/lib@1.0.0" (instance $lib (export "rate" (func (result u32)))))
  (core func $rate (canon lower (func $lib "rate")))
  (core module $m
    (import "" "rate" (func $rate (result i32)))
    (func (export "total") (result i32) (i32.add (call $rate) (i32.const 100))))
  (core instance $i (instantiate $m (with "" (instance (export "rate" (func $rate))))))
  (func (export "total") (result u32) (canon lift (core func $i "total"))))
