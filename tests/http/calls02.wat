;; Calls `next` of a counter for each request, and gives no response.
(component
  (import "acme:count/counter@1.0.0" (instance $counter (export "next" (func (result u32)))))
  (import "wasi:http/types@0.2.0" (instance $http
    (export "incoming-request" (type $request (sub resource)))
    (export "response-outparam" (type $outparam (sub resource)))))
  (alias export $http "incoming-request" (type $request))
  (alias export $http "response-outparam" (type $outparam))
  (core func $next (canon lower (func $counter "next")))
  (core module $code
    (import "" "next" (func $next (result i32)))
    (func (export "handle") (param i32 i32) (drop (call $next))))
  (core instance $i (instantiate $code (with "" (instance (export "next" (func $next))))))
  (func $handle (param "request" (own $request)) (param "response-out" (own $outparam))
    (canon lift (core func $i "handle")))
  (instance $handler
    (export "incoming-request" (type $request))
    (export "response-outparam" (type $outparam))
    (export "handle" (func $handle)))
  (export "wasi:http/incoming-handler@0.2.0" (instance $handler)))
