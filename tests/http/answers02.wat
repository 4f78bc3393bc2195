;; Answers requests of WASI 0.2. The second letter of the path says how:
;;   /echo    the body of the request, in parts as they come
;;   /trap    traps; /late traps after the body of the request, which it echoes
;;   /none    returns without a response
;;   /code    an error in place of a response
;;   /spin    never returns
;;   /wait    reads the body of the request before it begins to respond
;;   /more    counts the requests of its instance: "hello from 0.3" is the answer to the first one
;; and anything else is answered with a line of text.
(component
  (import "wasi:io/error@0.2.0" (instance $io-error (export "error" (type (sub resource)))))
  (alias export $io-error "error" (type $error))
  (import "wasi:io/streams@0.2.0" (instance $streams
    (alias outer 1 $error (type $outer-error))
    (export "error" (type $error (eq $outer-error)))
    (export "input-stream" (type $input (sub resource)))
    (export "output-stream" (type $output (sub resource)))
    (type $failure (variant (case "last-operation-failed" (own $error)) (case "closed")))
    (export "stream-error" (type $stream-error (eq $failure)))
    (export "[method]input-stream.blocking-read"
      (func (param "self" (borrow $input)) (param "len" u64)
        (result (result (list u8) (error $stream-error)))))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $output)) (param "contents" (list u8))
        (result (result (error $stream-error)))))))
  (alias export $streams "input-stream" (type $input-stream))
  (alias export $streams "output-stream" (type $output-stream))
  (import "wasi:http/types@0.2.0" (instance $http
    (alias outer 1 $input-stream (type $outer-input))
    (alias outer 1 $output-stream (type $outer-output))
    (export "input-stream" (type $input (eq $outer-input)))
    (export "output-stream" (type $output (eq $outer-output)))
    (export "fields" (type $fields (sub resource)))
    (export "incoming-request" (type $request (sub resource)))
    (export "incoming-body" (type $incoming (sub resource)))
    (export "outgoing-response" (type $response (sub resource)))
    (export "outgoing-body" (type $outgoing (sub resource)))
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
    (export "[constructor]fields" (func (result (own $fields))))
    (export "[method]incoming-request.path-with-query"
      (func (param "self" (borrow $request)) (result (option string))))
    (export "[method]incoming-request.consume"
      (func (param "self" (borrow $request)) (result (result (own $incoming)))))
    (export "[method]incoming-body.stream"
      (func (param "self" (borrow $incoming)) (result (result (own $input)))))
    (export "[constructor]outgoing-response"
      (func (param "headers" (own $fields)) (result (own $response))))
    (export "[method]outgoing-response.body"
      (func (param "self" (borrow $response)) (result (result (own $outgoing)))))
    (export "[method]outgoing-body.write"
      (func (param "self" (borrow $outgoing)) (result (result (own $output)))))
    (export "[static]outgoing-body.finish"
      (func (param "this" (own $outgoing)) (param "trailers" (option (own $fields)))
        (result (result (error $error-code)))))
    (export "[static]response-outparam.set"
      (func (param "param" (own $outparam))
        (param "response" (result (own $response) (error $error-code)))))))
  (alias export $http "incoming-request" (type $request))
  (alias export $http "incoming-body" (type $incoming))
  (alias export $http "response-outparam" (type $outparam))

  (core module $libc
    (memory (export "memory") 2)
    (data (i32.const 256) "hello from 0.2\n")
    ;; One list at a time is in use: a path, or a part of a body.
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (if (i32.gt_u (local.get 3) (i32.const 0x10000)) (then unreachable))
      (i32.const 4096)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $path (canon lower (func $http "[method]incoming-request.path-with-query")
    (memory $memory) (realloc $realloc)))
  (core func $consume (canon lower (func $http "[method]incoming-request.consume")
    (memory $memory)))
  (core func $stream (canon lower (func $http "[method]incoming-body.stream") (memory $memory)))
  (core func $read (canon lower (func $streams "[method]input-stream.blocking-read")
    (memory $memory) (realloc $realloc)))
  (core func $new-fields (canon lower (func $http "[constructor]fields")))
  (core func $new-response (canon lower (func $http "[constructor]outgoing-response")))
  (core func $body (canon lower (func $http "[method]outgoing-response.body") (memory $memory)))
  (core func $write (canon lower (func $http "[method]outgoing-body.write") (memory $memory)))
  (core func $flush
    (canon lower (func $streams "[method]output-stream.blocking-write-and-flush")
      (memory $memory)))
  (core func $finish (canon lower (func $http "[static]outgoing-body.finish")
    (memory $memory) (realloc $realloc)))
  (core func $set (canon lower (func $http "[static]response-outparam.set") (memory $memory)))
  (core func $drop-input (canon resource.drop $input-stream))
  (core func $drop-output (canon resource.drop $output-stream))
  (core func $drop-incoming (canon resource.drop $incoming))
  (core func $drop-request (canon resource.drop $request))

  (core module $code
    (import "" "memory" (memory 2))
    (import "" "path" (func $path (param i32 i32)))
    (import "" "consume" (func $consume (param i32 i32)))
    (import "" "stream" (func $stream (param i32 i32)))
    (import "" "read" (func $read (param i32 i64 i32)))
    (import "" "new-fields" (func $new-fields (result i32)))
    (import "" "new-response" (func $new-response (param i32) (result i32)))
    (import "" "body" (func $body (param i32 i32)))
    (import "" "write" (func $write (param i32 i32)))
    (import "" "flush" (func $flush (param i32 i32 i32 i32)))
    (import "" "finish" (func $finish (param i32 i32 i32 i32)))
    (import "" "set" (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
    (import "" "drop-input" (func $drop-input (param i32)))
    (import "" "drop-output" (func $drop-output (param i32)))
    (import "" "drop-incoming" (func $drop-incoming (param i32)))
    (import "" "drop-request" (func $drop-request (param i32)))
    ;; The handle in a result that is ok, at `at`.
    (func $ok (param $at i32) (result i32)
      (if (i32.load8_u (local.get $at)) (then unreachable))
      (i32.load offset=4 (local.get $at)))
    ;; Writes all that `request` has to `to`; zero: nowhere.
    (func $echo (param $request i32) (param $to i32)
      (local $body i32) (local $from i32)
      (call $consume (local.get $request) (i32.const 64))
      (local.set $body (call $ok (i32.const 64)))
      (call $stream (local.get $body) (i32.const 80))
      (local.set $from (call $ok (i32.const 80)))
      (block $end
        (loop $again
          (call $read (local.get $from) (i64.const 4096) (i32.const 96))
          (br_if $end (i32.load8_u (i32.const 96)))
          (br_if $again (i32.eqz (local.get $to)))
          (call $flush (local.get $to) (i32.load (i32.const 100)) (i32.load (i32.const 104))
            (i32.const 112))
          (br_if $again (i32.eqz (i32.load8_u (i32.const 112))))))
      (call $drop-input (local.get $from))
      (call $drop-incoming (local.get $body)))
    (func (export "handle") (param $request i32) (param $out i32)
      (local $how i32) (local $response i32) (local $body i32) (local $to i32)
      (call $path (local.get $request) (i32.const 16))
      (if (i32.gt_u (i32.load (i32.const 24)) (i32.const 1))
        (then (local.set $how (i32.load8_u offset=1 (i32.load (i32.const 20))))))
      (if (i32.eq (local.get $how) (i32.const 116)) (then unreachable)) ;; t
      (if (i32.eq (local.get $how) (i32.const 110)) (then (return)))    ;; n
      (if (i32.eq (local.get $how) (i32.const 115)) (then (loop $spin (br $spin)))) ;; s
      (if (i32.eq (local.get $how) (i32.const 99)) ;; c: internal-error(none)
        (then
          (call $set (local.get $out) (i32.const 1) (i32.const 38) (i32.const 0) (i64.const 0)
            (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
          (return)))
      (if (i32.eq (local.get $how) (i32.const 119)) ;; w
        (then (call $echo (local.get $request) (i32.const 0))))
      (if (i32.eq (local.get $how) (i32.const 109)) ;; m
        (then (i32.store8 (i32.const 269)
          (i32.add (i32.load8_u (i32.const 269)) (i32.const 1)))))
      (local.set $response (call $new-response (call $new-fields)))
      (call $body (local.get $response) (i32.const 32))
      (local.set $body (call $ok (i32.const 32)))
      (call $write (local.get $body) (i32.const 48))
      (local.set $to (call $ok (i32.const 48)))
      (call $set (local.get $out) (i32.const 0) (local.get $response) (i32.const 0) (i64.const 0)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
      (if (i32.or (i32.eq (local.get $how) (i32.const 101)) ;; e, l
            (i32.eq (local.get $how) (i32.const 108)))
        (then (call $echo (local.get $request) (local.get $to)))
        (else (call $flush (local.get $to) (i32.const 256) (i32.const 15) (i32.const 112))))
      (if (i32.eq (local.get $how) (i32.const 108)) (then unreachable))
      (call $drop-output (local.get $to))
      (call $drop-request (local.get $request))
      (call $finish (local.get $body) (i32.const 0) (i32.const 0) (i32.const 128))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "path" (func $path))
    (export "consume" (func $consume)) (export "stream" (func $stream))
    (export "read" (func $read)) (export "new-fields" (func $new-fields))
    (export "new-response" (func $new-response)) (export "body" (func $body))
    (export "write" (func $write)) (export "flush" (func $flush))
    (export "finish" (func $finish)) (export "set" (func $set))
    (export "drop-input" (func $drop-input)) (export "drop-output" (func $drop-output))
    (export "drop-incoming" (func $drop-incoming))
    (export "drop-request" (func $drop-request))))))
  (func $handle (param "request" (own $request)) (param "response-out" (own $outparam))
    (canon lift (core func $core "handle")))
  (instance $handler
    (export "incoming-request" (type $request))
    (export "response-outparam" (type $outparam))
    (export "handle" (func $handle)))
  (export "wasi:http/incoming-handler@0.2.0" (instance $handler)))
