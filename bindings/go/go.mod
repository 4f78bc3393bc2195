module tenon.example/tenon

go 1.24
