;; Exports a function `g`.
(component
  (core module $code (func (export "f") (result i32) (i32.const 1)))
  (core instance $run (instantiate $code))
  (func (export "g") (result u32) (canon lift (core func $run "f"))))
