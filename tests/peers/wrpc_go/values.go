package main

import (
	"bytes"
	"fmt"
	"io"

	wrpc "wrpc.io/go"
)

type entry struct {
	id   uint64
	name string
	tags []string
}

func writeString(v string, w wrpc.ByteWriter) error {
	_, err := wrpc.WriteString(v, w)
	return err
}

func readString(r wrpc.IndexReader) (string, error) { return wrpc.ReadString(r) }

func writeEntry(v entry, w wrpc.ByteWriter) error {
	if _, err := wrpc.WriteUint64(v.id, w); err != nil {
		return err
	}
	if err := writeString(v.name, w); err != nil {
		return err
	}
	_, err := wrpc.WriteList(v.tags, w, writeString)
	return err
}

func readEntry(r wrpc.IndexReader) (v entry, err error) {
	if v.id, err = wrpc.ReadUint64(r); err != nil {
		return v, err
	}
	if v.name, err = wrpc.ReadString(r); err != nil {
		return v, err
	}
	v.tags, err = wrpc.ReadList(r, readString)
	return v, err
}

// encode returns the bytes of values, which are written in order.
func encode(write func(*bytes.Buffer) error) ([]byte, error) {
	var buffer bytes.Buffer
	err := write(&buffer)
	return buffer.Bytes(), err
}

func uint32s(values ...uint32) ([]byte, error) {
	return encode(func(b *bytes.Buffer) error {
		for _, value := range values {
			if _, err := wrpc.WriteUint32(value, b); err != nil {
				return err
			}
		}
		return nil
	})
}

// writeItems writes a stream in chunks of `size` items. Like the bindings, it sends each number as a frame.
func writeItems(items []uint64, size int, w wrpc.ByteWriter) error {
	for len(items) > 0 {
		chunk := items[:min(size, len(items))]
		items = items[len(chunk):]
		if _, err := wrpc.WriteUint32(uint32(len(chunk)), w); err != nil {
			return err
		}
		for _, item := range chunk {
			if _, err := wrpc.WriteUint64(item, w); err != nil {
				return err
			}
		}
	}
	return w.WriteByte(0)
}

// readItems reads the status of a stream, and then all items.
func readItems(r wrpc.IndexReader, path ...uint32) ([]uint64, error) {
	stream, err := wrpc.ReadStream(r, func(r wrpc.IndexReader) (uint64, error) { return wrpc.ReadUint64(r) }, path...)
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	var items []uint64
	for {
		chunk, err := stream.Receive()
		if err == io.EOF {
			return items, nil
		}
		if err != nil {
			return items, fmt.Errorf("after %d items: %w", len(items), err)
		}
		items = append(items, chunk...)
	}
}
