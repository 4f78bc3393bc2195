//go:build race

package tenon

// The race detector has memory of its own, which grows.
const hasRaceDetector = true
