(component
  (import "t:t/store" (instance $store
    (export "r" (type $r (sub resource)))
    (export "make" (func (result (own $r))))))
  (alias export $store "r" (type $r))
  (import "t:t/use" (instance $use
    (export "r" (type $used (eq $r)))
    (export "take" (func (param "r" (own $used))))))
  (core func $make (canon lower (func $store "make")))
  (core func $take (canon lower (func $use "take")))
  (core module $m
    (import "" "make" (func $make (result i32)))
    (import "" "take" (func $take (param i32)))
    (func (export "run") (result i32) (call $take (call $make)) (i32.const 1)))
  (core instance $i (instantiate $m
    (with "" (instance (export "make" (func $make)) (export "take" (func $take))))))
  (func (export "run") (result u32) (canon lift (core func $i "run"))))
