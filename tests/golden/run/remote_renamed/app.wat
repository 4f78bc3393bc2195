(component
  (import "storage" (instance $s (export "size" (func (result u32)))))
  (core func $f (canon lower (func $s "size")))
  (core module $m (import "" "f" (func $f (result i32))) (func (export "g") (result i32) (call $f)))
  (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
  (func (export "g") (result u32) (canon lift (core func $i "g"))))
