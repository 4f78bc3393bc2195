(component
  (import "wasi:http/types@0.2.0" (instance $http
    (export "incoming-request" (type (sub resource)))
    (export "response-outparam" (type (sub resource)))))
  (alias export $http "incoming-request" (type $request))
  (alias export $http "response-outparam" (type $outparam))
  (import "wasi:http/incoming-handler@0.2.0" (instance $next
    (alias outer 1 $request (type $outer-request))
    (alias outer 1 $outparam (type $outer-outparam))
    (export "incoming-request" (type $r (eq $outer-request)))
    (export "response-outparam" (type $o (eq $outer-outparam)))
    (export "handle" (func (param "request" (own $r)) (param "response-out" (own $o))))))
  (core func $handle (canon lower (func $next "handle")))
  (func $pass (param "request" (own $request)) (param "response-out" (own $outparam))
    (canon lift (core func $handle)))
  (instance $handler
    (export "incoming-request" (type $request))
    (export "response-outparam" (type $outparam))
    (export "handle" (func $pass)))
  (export "wasi:http/incoming-handler@0.2.0" (instance $handler)))
