;; Passes the resource on, and makes one itself.
(component
  (import "key" (type $key (sub resource)))
  (import "[constructor]key" (func $new (result (own $key))))
  (component $api
    (import "key" (type $key (sub resource)))
    (import "new" (func $new (result (own $key))))
    (core func $lowered (canon lower (func $new)))
    (core module $m (import "" "new" (func $new (result i32))) (func (export "open") (result i32) call $new))
    (core instance $i (instantiate $m (with "" (instance (export "new" (func $lowered))))))
    (type $record (record (field "key" (own $key))))
    (export $held "held" (type $record))
    (func (export "open") (result $held) (canon lift (core func $i "open"))))
  (instance $api (instantiate $api (with "key" (type $key)) (with "new" (func $new))))
  (export $passed "key" (type $key))
  (export "[constructor]key" (func $new) (func (result (own $passed))))
  (export "t:app/api" (instance $api)))
