;; Lends fields of HTTP.
(component $app
  (import "wasi:http/types@0.2.0" (instance $http
    (export "fields" (type (sub resource)))))
  (alias export $http "fields" (type $fields))
  (import "x:y/log@1.0.0" (instance
    (alias outer $app $fields (type $used))
    (export "fields" (type $f (eq $used)))
    (export "keep" (func (param "fields" (own $f))))
    (export "print" (func (param "fields" (borrow $f))))))
  (core module $m (func (export "run")))
  (core instance $i (instantiate $m))
  (func (export "run") (canon lift (core func $i "run"))))
