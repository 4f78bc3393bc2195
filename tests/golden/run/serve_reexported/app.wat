(component
  (import "acme:b/x" (instance $x (export "f" (func (result u32)))))
  (core func $f (canon lower (func $x "f")))
  (core module $m (import "" "f" (func $f (result i32))) (func (export "go") (result i32) (call $f)))
  (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
  (func (export "go") (result u32) (canon lift (core func $i "go"))))
