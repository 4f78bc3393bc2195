(component
  (import "wasi:io/streams@0.2.0" (instance $streams
    (export "output-stream" (type (sub resource)))))
  (alias export $streams "output-stream" (type $stream))
  (core module $m (func (export "attach") (param i32)))
  (core instance $i (instantiate $m))
  (func $attach (param "to" (own $stream)) (canon lift (core func $i "attach")))
  (instance $log (export "output-stream" (type $stream)) (export "attach" (func $attach)))
  (export "x:y/log@1.0.0" (instance $log)))
