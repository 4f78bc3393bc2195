;; Asks for `acme:tax/book@1.0.0` and gives `acme:tax/lib@1.2.0`.
(component
  (import "acme:tax/book@1.0.0" (instance $from
    (export "rate" (func (param "x" u32) (result u32)))))
  (core module $code
    (import "from" "rate" (func $rate (param i32) (result i32)))
    (func (export "f") (param i32) (result i32) (call $rate (local.get 0))))
  (core func $rate (canon lower (func $from "rate")))
  (core instance $run (instantiate $code
    (with "from" (instance (export "rate" (func $rate))))))
  (func $f (param "x" u32) (result u32) (canon lift (core func $run "f")))
  (instance $lib (export "rate" (func $f)))
  (export "acme:tax/lib@1.2.0" (instance $lib)))
