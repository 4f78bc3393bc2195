;; Gives a socket of WASI away.
(component $app
  (import "wasi:sockets/tcp@0.2.0" (instance $tcp
    (export "tcp-socket" (type (sub resource)))))
  (alias export $tcp "tcp-socket" (type $socket))
  (import "x:y/net@1.0.0" (instance
    (alias outer $app $socket (type $used))
    (export "tcp-socket" (type $s (eq $used)))
    (export "use" (func (param "to" (own $s))))))
  (core module $m (func (export "run")))
  (core instance $i (instantiate $m))
  (func (export "run") (canon lift (core func $i "run"))))
