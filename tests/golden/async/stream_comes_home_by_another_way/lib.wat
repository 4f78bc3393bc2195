;; Keeps a stream until it is asked for it.
(component
  (core module $code
    (global $kept (mut i32) (i32.const 0))
    (func (export "put") (param i32) (global.set $kept (local.get 0)))
    (func (export "get") (result i32) (global.get $kept)))
  (core instance $core (instantiate $code))
  (func $put (param "it" (stream u8)) (canon lift (core func $core "put")))
  (func $get (result (stream u8)) (canon lift (core func $core "get")))
  (instance $lib (export "put" (func $put)) (export "get" (func $get)))
  (export "x:y/lib" (instance $lib)))
