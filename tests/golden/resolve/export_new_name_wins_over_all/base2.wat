;; Exports a function `f`.
(component
  (core module $code (func (export "f") (result i32) (i32.const 2)))
  (core instance $run (instantiate $code))
  (func (export "f") (result u32) (canon lift (core func $run "f"))))
