(component
  (type $made (resource (rep i32)))
  (export "r" (type $made)))
