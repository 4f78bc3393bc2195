;; The type `key` of the optional interface is imported by its own name too.
(component
  (import "t:lib/lib" (instance $lib
    (export "key" (type $k (sub resource)))
    (export "make" (func (result (own $k))))))
  (alias export $lib "key" (type $key))
  (import "key" (type (eq $key)))
  (core module $m (func (export "go") (result i32) i32.const 3))
  (core instance $i (instantiate $m))
  (func (export "go") (result u32) (canon lift (core func $i "go"))))
