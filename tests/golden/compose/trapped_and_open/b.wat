(component
  (import "t:a/types" (instance $types
    (export "key" (type $k (sub resource)))
    (export "use-it" (func (param "k" (borrow $k)) (result u32)))))
  (alias export $types "key" (type $key))
  (core module $m (func (export "go") (result i32) i32.const 3))
  (core instance $i (instantiate $m))
  (func $go (result u32) (canon lift (core func $i "go")))
  (export "go" (func $go))
  (export "t:b/lib" (instance $types)))
