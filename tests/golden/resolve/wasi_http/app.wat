;; Sends a request to a server.
(component
  (import "wasi:http/types@0.2.6" (instance $types
    (export "outgoing-request" (type (sub resource)))))
  (alias export $types "outgoing-request" (type $request))
  (import "wasi:http/outgoing-handler@0.2.6" (instance $handler
    (alias outer 1 $request (type $outer))
    (export "outgoing-request" (type $named (eq $outer)))
    (export "handle" (func (param "request" (own $named))))))
  (core module $code (func (export "run") (result i32) (i32.const 0)))
  (core instance $run (instantiate $code))
  (func $f (result (result)) (canon lift (core func $run "run")))
  (instance $cli (export "run" (func $f)))
  (export "wasi:cli/run@0.2.6" (instance $cli)))
