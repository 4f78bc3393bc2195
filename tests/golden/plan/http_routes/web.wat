;; Exports a handler of WASI 0.2 that traps.
(component
  (import "wasi:http/types@0.2.0" (instance $http
    (export "incoming-request" (type $request (sub resource)))
    (export "response-outparam" (type $outparam (sub resource)))))
  (alias export $http "incoming-request" (type $request))
  (alias export $http "response-outparam" (type $outparam))
  (core module $code (func (export "handle") (param i32 i32) unreachable))
  (core instance $i (instantiate $code))
  (func $handle (param "request" (own $request)) (param "response-out" (own $outparam))
    (canon lift (core func $i "handle")))
  (instance $handler
    (export "incoming-request" (type $request))
    (export "response-outparam" (type $outparam))
    (export "handle" (func $handle)))
  (export "wasi:http/incoming-handler@0.2.0" (instance $handler)))
