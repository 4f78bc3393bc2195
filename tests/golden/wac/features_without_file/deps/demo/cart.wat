;; `total` is the rate and 200, and is logged.
(component
  (import "demo:tax/lib@1.0.0" (instance $lib (export "rate" (func (result u32)))))
  (import "log" (func $log (param "n" u32)))
  (core func $rate (canon lower (func $lib "rate")))
  (core func $log (canon lower (func $log)))
  (core module $m
    (import "" "rate" (func $rate (result i32)))
    (import "" "log" (func $log (param i32)))
    (func (export "total") (result i32) (local i32)
      (local.set 0 (i32.add (call $rate) (i32.const 200)))
      (call $log (local.get 0))
      (local.get 0)))
  (core instance $i (instantiate $m (with "" (instance
    (export "rate" (func $rate)) (export "log" (func $log))))))
  (func (export "total") (result u32) (canon lift (core func $i "total"))))
