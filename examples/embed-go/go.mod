module tenon.example/embed-go

go 1.24

require tenon.example/tenon v0.0.0

replace tenon.example/tenon => ../../bindings/go
