(component
  (import "log" (instance $log (export "log" (func (param "n" u32)))))
  (alias export $log "log" (func $f))
  (export "log-it" (func $f)))
