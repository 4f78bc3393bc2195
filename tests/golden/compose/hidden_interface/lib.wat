;; The bare function uses a type of the interface.
(component
  (component $c
    (core module $m
      (import "" "new" (func $new (param i32) (result i32)))
      (func (export "make") (result i32) i32.const 5 call $new))
    (type $k' (resource (rep i32)))
    (core func $new (canon resource.new $k'))
    (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
    (export $k "key" (type $k'))
    (func $make (result (own $k)) (canon lift (core func $i "make")))
    (export "[constructor]key" (func $make))
    (export "make" (func $make)))
  (instance $lib (instantiate $c))
  (export "t:lib/lib@1.0.0" (instance $lib))
  (export "open" (func $lib "make")))
