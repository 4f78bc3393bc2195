;; Gives `acme:a/x`, whose `f` returns 2.
(component
  (core module $code (func (export "f") (result i32) (i32.const 2)))
  (core instance $run (instantiate $code))
  (func $f (result u32) (canon lift (core func $run "f")))
  (instance $x (export "f" (func $f)))
  (export "acme:a/x" (instance $x)))
