;; The name of the function is the mangled name of a type of C++: `float`.
(component
  (import "f" (func $f (result u32)))
  (core func $lowered (canon lower (func $f)))
  (core module $m (import "" "f" (func $f (result i32))) (func (export "go") (result i32) call $f))
  (core instance $i (instantiate $m (with "" (instance (export "f" (func $lowered))))))
  (func (export "go") (result u32) (canon lift (core func $i "go"))))
