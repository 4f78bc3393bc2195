;; Imports `acme:tax/lib@1.2.0`.
(component
  (import "acme:tax/lib@1.2.0" (instance $lib
    (export "rate" (func (param "x" u32) (result u32)))))
  (core func $rate (canon lower (func $lib "rate")))
  (core module $code
    (import "lib" "rate" (func $rate (param i32) (result i32)))
    (func (export "total") (param i32) (result i32)
      (i32.add (call $rate (local.get 0)) (call $rate (i32.const 1)))))
  (core instance $run (instantiate $code
    (with "lib" (instance (export "rate" (func $rate))))))
  (func $total (param "x" u32) (result u32) (canon lift (core func $run "total")))
  (export "total" (func $total)))
