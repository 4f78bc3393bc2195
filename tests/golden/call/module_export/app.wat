;; Exports a core module and a component, which nothing can import.
(component
  (core module $lib (func (export "f") (result i32) (i32.const 49)))
  (component $inner)
  (core instance $l (instantiate $lib))
  (func (export "f") (result u32) (canon lift (core func $l "f")))
  (export "lib" (core module $lib))
  (export "inner" (component $inner)))
