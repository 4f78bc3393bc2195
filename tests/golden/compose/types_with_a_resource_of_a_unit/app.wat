(component
  (import "t:lib/lib" (instance $lib
    (export "key" (type $k (sub resource)))
    (export "make" (func (result (own $k))))))
  (alias export $lib "key" (type $key))
  (import "t:x/types" (instance $types
    (export "key" (type $k (eq $key)))
    (type $h' (record (field "k" (own $k)))) (export "held" (type (eq $h')))))
  (alias export $types "held" (type $held))
  (component $shim
    (import "key" (type $k (sub resource)))
    (type $h' (record (field "k" (own $k)))) (import "held" (type $h (eq $h')))
    (import "make" (func $make (result (own $k))))
    (core func $make' (canon lower (func $make)))
    (core instance $ci (export "make" (func $make')))
    (core module $m (import "" "make" (func $make (result i32))) (func (export "next") (result i32) call $make) (func (export "zero") (result i32) i32.const 7))
    (core instance $i (instantiate $m (with "" (instance $ci))))
    (export $s2 "held" (type $h))
    (func $next (result $s2) (canon lift (core func $i "next")))
    (func $zero (result u32) (canon lift (core func $i "zero")))
    (export "zero" (func $zero))
    (export "next" (func $next)))
  (instance $own (instantiate $shim
    (with "key" (type $key)) (with "held" (type $held)) (with "make" (func $lib "make"))))
  (export "t:own/api" (instance $own))
  (export "next" (func $own "next"))
  (export "zero" (func $own "zero")))
