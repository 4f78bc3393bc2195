;; Passes requests of WASI 0.2 on to the next handler. The third letter of the path says how:
;;   /xb      an error in place of a response, without the next handler
;;   /xm      traps before the next handler, and /xn after it
(component
  (import "wasi:http/types@0.2.0" (instance $http
    (export "incoming-request" (type $request (sub resource)))
    (export "outgoing-response" (type $response (sub resource)))
    (export "response-outparam" (type $outparam (sub resource)))
    (type $dns (record (field "rcode" (option string)) (field "info-code" (option u16))))
    (export "DNS-error-payload" (type $dns-payload (eq $dns)))
    (type $tls (record (field "alert-id" (option u8)) (field "alert-message" (option string))))
    (export "TLS-alert-received-payload" (type $tls-payload (eq $tls)))
    (type $size (record (field "field-name" (option string)) (field "field-size" (option u32))))
    (export "field-size-payload" (type $size-payload (eq $size)))
    (type $code (variant
      (case "DNS-timeout") (case "DNS-error" $dns-payload) (case "destination-not-found")
      (case "destination-unavailable") (case "destination-IP-prohibited")
      (case "destination-IP-unroutable") (case "connection-refused")
      (case "connection-terminated") (case "connection-timeout")
      (case "connection-read-timeout") (case "connection-write-timeout")
      (case "connection-limit-reached") (case "TLS-protocol-error")
      (case "TLS-certificate-error") (case "TLS-alert-received" $tls-payload)
      (case "HTTP-request-denied") (case "HTTP-request-length-required")
      (case "HTTP-request-body-size" (option u64)) (case "HTTP-request-method-invalid")
      (case "HTTP-request-URI-invalid") (case "HTTP-request-URI-too-long")
      (case "HTTP-request-header-section-size" (option u32))
      (case "HTTP-request-header-size" (option $size-payload))
      (case "HTTP-request-trailer-section-size" (option u32))
      (case "HTTP-request-trailer-size" $size-payload) (case "HTTP-response-incomplete")
      (case "HTTP-response-header-section-size" (option u32))
      (case "HTTP-response-header-size" $size-payload)
      (case "HTTP-response-body-size" (option u64))
      (case "HTTP-response-trailer-section-size" (option u32))
      (case "HTTP-response-trailer-size" $size-payload)
      (case "HTTP-response-transfer-coding" (option string))
      (case "HTTP-response-content-coding" (option string)) (case "HTTP-response-timeout")
      (case "HTTP-upgrade-failed") (case "HTTP-protocol-error") (case "loop-detected")
      (case "configuration-error") (case "internal-error" (option string))))
    (export "error-code" (type $error-code (eq $code)))
    (export "[method]incoming-request.path-with-query"
      (func (param "self" (borrow $request)) (result (option string))))
    (export "[static]response-outparam.set"
      (func (param "param" (own $outparam))
        (param "response" (result (own $response) (error $error-code)))))))
  (alias export $http "incoming-request" (type $request))
  (alias export $http "response-outparam" (type $outparam))
  (import "wasi:http/incoming-handler@0.2.0" (instance $next
    (alias outer 1 $request (type $outer-request))
    (alias outer 1 $outparam (type $outer-outparam))
    (export "incoming-request" (type $request (eq $outer-request)))
    (export "response-outparam" (type $outparam (eq $outer-outparam)))
    (export "handle"
      (func (param "request" (own $request)) (param "response-out" (own $outparam))))))

  (core module $libc
    (memory (export "memory") 2)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (if (i32.gt_u (local.get 3) (i32.const 0x10000)) (then unreachable))
      (i32.const 4096)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $path (canon lower (func $http "[method]incoming-request.path-with-query")
    (memory $memory) (realloc $realloc)))
  (core func $set (canon lower (func $http "[static]response-outparam.set") (memory $memory)))
  (core func $next-handle (canon lower (func $next "handle")))
  (core module $code
    (import "" "memory" (memory 2))
    (import "" "path" (func $path (param i32 i32)))
    (import "" "set" (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
    (import "" "next" (func $next (param i32 i32)))
    (func (export "handle") (param $request i32) (param $out i32)
      (local $how i32)
      (call $path (local.get $request) (i32.const 16))
      (if (i32.gt_u (i32.load (i32.const 24)) (i32.const 2))
        (then (local.set $how (i32.load8_u offset=2 (i32.load (i32.const 20))))))
      (if (i32.eq (local.get $how) (i32.const 109)) (then unreachable)) ;; m
      (if (i32.eq (local.get $how) (i32.const 98)) ;; b: HTTP-request-denied
        (then
          (call $set (local.get $out) (i32.const 1) (i32.const 15) (i32.const 0)
            (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
          (return)))
      (call $next (local.get $request) (local.get $out))
      (if (i32.eq (local.get $how) (i32.const 110)) (then unreachable))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "path" (func $path))
    (export "set" (func $set)) (export "next" (func $next-handle))))))
  (func $handle (param "request" (own $request)) (param "response-out" (own $outparam))
    (canon lift (core func $core "handle")))
  (instance $handler
    (export "incoming-request" (type $request))
    (export "response-outparam" (type $outparam))
    (export "handle" (func $handle)))
  (export "wasi:http/incoming-handler@0.2.0" (instance $handler)))
