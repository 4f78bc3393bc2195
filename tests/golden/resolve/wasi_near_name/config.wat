;; Exports `wasi:config/store`.
(component
  (core module $code (func (export "f") (result i32) (i32.const 7)))
  (core instance $run (instantiate $code))
  (func $f (result u32) (canon lift (core func $run "f")))
  (instance $x (export "get" (func $f)))
  (export "wasi:config/store" (instance $x)))
