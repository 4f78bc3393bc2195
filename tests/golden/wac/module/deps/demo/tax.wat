;; Exports its core module beside its function.
(component
  (core module $code (func (export "total") (result i32) (i32.const 49)))
  (core instance $i (instantiate $code))
  (func $total (result u32) (canon lift (core func $i "total")))
  (export "total" (func $total))
  (export "code" (core module $code)))
