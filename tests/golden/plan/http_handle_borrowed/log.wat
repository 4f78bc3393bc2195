(component
  (import "wasi:http/types@0.2.0" (instance $http
    (export "fields" (type (sub resource)))))
  (alias export $http "fields" (type $fields))
  (core module $m (func (export "print") (param i32)))
  (core instance $i (instantiate $m))
  (func $keep (param "fields" (own $fields)) (canon lift (core func $i "print")))
  (func $print (param "fields" (borrow $fields)) (canon lift (core func $i "print")))
  (instance $log (export "fields" (type $fields)) (export "keep" (func $keep))
    (export "print" (func $print)))
  (export "x:y/log@1.0.0" (instance $log)))
