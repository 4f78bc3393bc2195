;; Gives `acme:tax/lib@1.2.0`.
(component
  (core module $code (func (export "f") (param i64) (result i32) i32.const 1))
  (core instance $run (instantiate $code))
  (func $f (param "x" u64) (result u32) (canon lift (core func $run "f")))
  (instance $lib (export "rate" (func $f)))
  (export "acme:tax/lib@1.2.0" (instance $lib)))
