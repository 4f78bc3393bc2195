;; Reads well, but the core function is not of the type that it is lifted to.
(component
  (core module $code (func (export "f") (result i64) i64.const 0))
  (core instance $run (instantiate $code))
  (func (export "total") (result u32) (canon lift (core func $run "f"))))
