(component
  (import "primary" (implements "t:kv/store@1.0.0") (instance $a (export "id" (func (result u32)))))
  (import "back-up" (implements "t:kv/store@1.0.0") (instance $b (export "id" (func (result u32)))))
  (export "a" (func $a "id"))
  (export "b" (func $b "id")))
