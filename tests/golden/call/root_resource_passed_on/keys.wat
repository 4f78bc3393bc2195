(component
  (type $own (resource (rep i32)))
  (core func $new (canon resource.new $own))
  (core module $m (import "" "new" (func $new (param i32) (result i32))) (func (export "new") (result i32) i32.const 5 call $new))
  (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
  (export $key "key" (type $own))
  (func (export "[constructor]key") (result (own $key)) (canon lift (core func $i "new"))))
