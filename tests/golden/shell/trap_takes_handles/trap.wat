(component
  (core module $drop (func (export "drop") (param i32)))
  (core instance $d (instantiate $drop))
  (type $thing' (resource (rep i32) (dtor (func $d "drop"))))
  (core func $new (canon resource.new $thing'))
  (core module $m
    (import "" "new" (func $new (param i32) (result i32)))
    (func (export "make") (result i32) (call $new (i32.const 7)))
    (func (export "trap") (param i32) unreachable))
  (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
  (func $make (result (own $thing')) (canon lift (core func $i "make")))
  (func $trap (param "self" (borrow $thing')) (canon lift (core func $i "trap")))
  (component $shim
    (import "thing" (type $t (sub resource)))
    (import "make" (func $make (result (own $t))))
    (import "trap" (func $trap (param "self" (borrow $t))))
    (export $thing "thing" (type $t))
    (export "[constructor]thing" (func $make) (func (result (own $thing))))
    (export "[method]thing.trap" (func $trap) (func (param "self" (borrow $thing)))))
  (instance $things (instantiate $shim
    (with "thing" (type $thing')) (with "make" (func $make)) (with "trap" (func $trap))))
  (export "acme:things/things@1.0.0" (instance $things)))
