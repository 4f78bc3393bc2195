(component
  (import "t:a/types" (instance $types
    (export "key" (type $k (sub resource)))
    (type $h' (record (field "k" (own $k)))) (export "held" (type (eq $h')))))
  (alias export $types "key" (type $key))
  (alias export $types "held" (type $held))
  (import "t:a/api" (instance $api
    (export "held" (type $s (eq $held)))
    (export "next" (func (param "s" $s) (result $s)))
    (export "zero" (func (result u32)))))
  (component $shim
    (import "key" (type $k (sub resource)))
    (type $h' (record (field "k" (own $k)))) (import "held" (type $h (eq $h')))
    (import "next" (func $next (param "s" $h) (result $h)))
    (import "zero" (func $zero (result u32)))
    (export $s2 "held" (type $h))
    (export "zero" (func $zero))
    (export "next" (func $next) (func (param "s" $s2) (result $s2))))
  (instance $own (instantiate $shim
    (with "key" (type $key)) (with "held" (type $held)) (with "next" (func $api "next")) (with "zero" (func $api "zero"))))
  (export "t:own/api" (instance $own))
  (export "next" (func $api "next"))
  (export "zero" (func $api "zero")))
