;; Gives `acme:tax/lib@1.3.0`.
(component
  (core module $code (func (export "f") (param i32) (result i32) local.get 0))
  (core instance $run (instantiate $code))
  (func $f (param "x" u32) (result u32) (canon lift (core func $run "f")))
  (instance $lib (export "rate" (func $f)))
  (export "acme:tax/lib@1.3.0" (instance $lib)))
