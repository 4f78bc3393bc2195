(component
  (component $c
    (core module $m (func (export "zero") (result i32) i32.const 0) (func (export "dtor") (param i32)))
    (core instance $i (instantiate $m))
    (type $k' (resource (rep i32)))
    (core func $new (canon resource.new $k'))
    (core module $m2 (import "" "new" (func $new (param i32) (result i32))) (func (export "make") (result i32) i32.const 5 call $new))
    (core instance $i2 (instantiate $m2 (with "" (instance (export "new" (func $new))))))
    (export $k "key" (type $k'))
    (func $make (result (own $k)) (canon lift (core func $i2 "make")))
    (export "make" (func $make)))
  (instance $l (instantiate $c))
  (export "t:lib/lib" (instance $l)))
