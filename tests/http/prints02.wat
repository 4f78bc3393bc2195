;; Prints a line and a half to standard error, and gives no response.
(component
  (import "wasi:io/error@0.2.0" (instance $io-error (export "error" (type (sub resource)))))
  (alias export $io-error "error" (type $error))
  (import "wasi:io/streams@0.2.0" (instance $streams
    (alias outer 1 $error (type $outer-error))
    (export "error" (type $error (eq $outer-error)))
    (export "output-stream" (type $output (sub resource)))
    (type $failure (variant (case "last-operation-failed" (own $error)) (case "closed")))
    (export "stream-error" (type $stream-error (eq $failure)))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $output)) (param "contents" (list u8))
        (result (result (error $stream-error)))))))
  (alias export $streams "output-stream" (type $output-stream))
  (import "wasi:cli/stderr@0.2.0" (instance $stderr
    (alias outer 1 $output-stream (type $outer-output))
    (export "output-stream" (type $output (eq $outer-output)))
    (export "get-stderr" (func (result (own $output))))))
  (import "wasi:http/types@0.2.0" (instance $http
    (export "incoming-request" (type $request (sub resource)))
    (export "response-outparam" (type $outparam (sub resource)))))
  (alias export $http "incoming-request" (type $request))
  (alias export $http "response-outparam" (type $outparam))
  (core module $memory
    (memory (export "memory") 1)
    (data (i32.const 16) "first line\nrest"))
  (core instance $memory (instantiate $memory))
  (alias core export $memory "memory" (core memory $m))
  (core func $get (canon lower (func $stderr "get-stderr")))
  (core func $write (canon lower (func $streams "[method]output-stream.blocking-write-and-flush")
    (memory $m)))
  (core module $code
    (import "" "get" (func $get (result i32)))
    (import "" "write" (func $write (param i32 i32 i32 i32)))
    (func (export "handle") (param i32 i32)
      (call $write (call $get) (i32.const 16) (i32.const 15) (i32.const 0))))
  (core instance $i (instantiate $code (with "" (instance
    (export "get" (func $get)) (export "write" (func $write))))))
  (func $handle (param "request" (own $request)) (param "response-out" (own $outparam))
    (canon lift (core func $i "handle")))
  (instance $handler
    (export "incoming-request" (type $request))
    (export "response-outparam" (type $outparam))
    (export "handle" (func $handle)))
  (export "wasi:http/incoming-handler@0.2.0" (instance $handler)))
