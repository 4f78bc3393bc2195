(component
  (type $r (resource (rep i32)))
  (core func $new (canon resource.new $r))
  (core module $w
    (import "" "new" (func $new (param i32) (result i32)))
    (func (export "make") (result i32) (call $new (i32.const 7))))
  (core instance $j (instantiate $w (with "" (instance (export "new" (func $new))))))
  (func $make (result (own $r)) (canon lift (core func $j "make")))
  (component $shim
    (import "r" (type $r (sub resource)))
    (import "make" (func $make (result (own $r))))
    (export $out "r" (type $r))
    (export "make" (func $make) (func (result (own $out)))))
  (instance $store (instantiate $shim (with "r" (type $r)) (with "make" (func $make))))
  (export "t:t/store" (instance $store)))
