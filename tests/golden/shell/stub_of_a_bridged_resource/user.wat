;; `t:t/use` is a stub, and uses a resource that another domain makes.
(component
  (import "t:t/store" (instance $store (export "r" (type (sub resource)))))
  (alias export $store "r" (type $r))
  (import "t:t/use" (instance $use
    (export "r" (type $used (eq $r)))
    (export "make" (func (result (own $used))))))
  (core func $make (canon lower (func $use "make")))
  (core module $m
    (import "" "make" (func $make (result i32)))
    (func (export "run") (drop (call $make))))
  (core instance $i (instantiate $m (with "" (instance (export "make" (func $make))))))
  (func (export "run") (canon lift (core func $i "run"))))
