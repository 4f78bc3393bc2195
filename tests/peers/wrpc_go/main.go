// wrpc-go serves or calls the interface of ../calls.wit with the Go implementation of wRPC, so that
// tests/live_peers.py can connect it with tenon.
//
//	wrpc-go serve ADDRESS   serves it; prints `ready ADDRESS` with the actual port
//	wrpc-go call ADDRESS    calls every function; prints `ok NAME` or `FAILED NAME: WHY` for each
//
// ADDRESS is HOST:PORT, which can have `tcp://` in front, or nats://HOST:PORT/PREFIX?group=GROUP.
// It uses the functions of the module that generated bindings call, in the same order.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"

	"github.com/nats-io/nats.go"
	wrpc "wrpc.io/go"
	wrpcnats "wrpc.io/go/nats"
	wrpctcp "wrpc.io/go/x/tcp"
)

const (
	instance = "peers:test/calls@0.1.0"
	// Server.Accept reads the header of a call before it returns, so one silent client would block the others.
	acceptors = 4
)

func isNats(address string) bool { return strings.HasPrefix(address, "nats://") }

func tcpAddress(address string) string { return strings.TrimPrefix(address, "tcp://") }

// connectNats connects to the server of an address, with its prefix and group.
func connectNats(address string) (*nats.Conn, *wrpcnats.Client, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return nil, nil, err
	}
	conn, err := nats.Connect("nats://" + parsed.Host)
	if err != nil {
		return nil, nil, err
	}
	client := wrpcnats.NewClient(conn,
		wrpcnats.WithPrefix(strings.TrimPrefix(parsed.Path, "/")),
		wrpcnats.WithGroup(parsed.Query().Get("group")))
	return conn, client, nil
}

func serve(ctx context.Context, address string) error {
	functions := newFunctions()
	if isNats(address) {
		conn, client, err := connectNats(address)
		if err != nil {
			return err
		}
		defer conn.Close()
		if err := functions.serve(client); err != nil {
			return err
		}
		if err := conn.Flush(); err != nil {
			return err
		}
		fmt.Println("ready", address)
		<-ctx.Done()
		return nil
	}
	listener, err := net.Listen("tcp", tcpAddress(address))
	if err != nil {
		return err
	}
	server := wrpctcp.NewServer(listener.(*net.TCPListener))
	if err := functions.serve(server); err != nil {
		return err
	}
	for range acceptors {
		go func() {
			for {
				if err := server.Accept(); errors.Is(err, net.ErrClosed) {
					return
				} else if err != nil {
					slog.Error("call refused", "err", err)
				}
			}
		}()
	}
	fmt.Println("ready", listener.Addr())
	<-ctx.Done()
	return listener.Close()
}

// errorLog keeps the errors that the module only logs, such as how a connection ended.
type errorLog struct {
	slog.Handler
	mutex  sync.Mutex
	errors []error
}

func (l *errorLog) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

func (l *errorLog) Handle(ctx context.Context, record slog.Record) error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	record.Attrs(func(attribute slog.Attr) bool {
		if err, ok := attribute.Value.Any().(error); ok {
			l.errors = append(l.errors, fmt.Errorf("%s: %w", record.Message, err))
		} else if record.Level >= slog.LevelError {
			l.errors = append(l.errors, errors.New(record.Message+": "+attribute.String()))
		}
		return true
	})
	return nil
}

// take returns the errors since the last call.
func (l *errorLog) take() error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	taken := errors.Join(l.errors...)
	l.errors = nil
	return taken
}

// call returns how many functions failed.
func call(ctx context.Context, address string) (int, error) {
	log := &errorLog{Handler: slog.Default().Handler()}
	slog.SetDefault(slog.New(log))
	var invoker wrpc.Invoker = wrpctcp.NewInvoker(tcpAddress(address))
	if isNats(address) {
		conn, client, err := connectNats(address)
		if err != nil {
			return 0, err
		}
		defer conn.Close()
		invoker = client
	}
	failed := 0
	for _, test := range tests {
		note, err := test.run(&caller{ctx, invoker, log})
		switch logged := log.take(); {
		case err != nil && logged != nil:
			err = fmt.Errorf("%w (%s)", err, strings.ReplaceAll(logged.Error(), "\n", "; "))
			fallthrough
		case err != nil:
			failed++
			fmt.Printf("FAILED %s: %s\n", test.name, err)
		default:
			fmt.Println("ok", test.name+note)
		}
	}
	return failed, nil
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: wrpc-go serve|call ADDRESS")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	failed := 0
	switch os.Args[1] {
	case "serve":
		err = serve(ctx, os.Args[2])
	case "call":
		failed, err = call(ctx, os.Args[2])
	default:
		err = fmt.Errorf("unknown command `%s`", os.Args[1])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "wrpc-go:", err)
		os.Exit(2)
	}
	if failed > 0 {
		os.Exit(1)
	}
}
