(component
  (core module $end (func (export "end") (param i32) unreachable))
  (core instance $end (instantiate $end))
  (type $thing (resource (rep i32) (dtor (func $end "end"))))
  (core func $new (canon resource.new $thing))
  (core module $main
    (import "host" "new" (func $new (param i32) (result i32)))
    (func (export "make") (result i32) (call $new (i32.const 7))))
  (core instance $main (instantiate $main (with "host" (instance (export "new" (func $new))))))
  (func $make (result (own $thing)) (canon lift (core func $main "make")))
  (component $names
    (import "thing" (type $t (sub resource)))
    (import "make" (func $make (result (own $t))))
    (export $shown "thing" (type $t))
    (export "make" (func $make) (func (result (own $shown)))))
  (instance $lib (instantiate $names (with "thing" (type $thing)) (with "make" (func $make))))
  (export "demo:things/lib" (instance $lib)))
