(component
  (import "wasi:sockets/tcp@0.2.0" (instance $tcp
    (export "tcp-socket" (type (sub resource)))))
  (alias export $tcp "tcp-socket" (type $socket))
  (core module $m (func (export "use") (param i32)))
  (core instance $i (instantiate $m))
  (func $use (param "to" (own $socket)) (canon lift (core func $i "use")))
  (instance $net (export "tcp-socket" (type $socket)) (export "use" (func $use)))
  (export "x:y/net@1.0.0" (instance $net)))
