(component
  (import "t:lib/lib" (instance $lib
    (export "key" (type $k (sub resource)))
    (export "make" (func (result (own $k))))))
  (alias export $lib "key" (type $key))
  (import "t:a/sessions" (instance $s
    (export "key" (type $k (eq $key)))
    (export "session" (type $s (sub resource)))
    (export "open" (func (param "k" (borrow $k)) (result (own $s))))))
  (export "make" (func $lib "make"))
)
