//go:build !race

package tenon

const hasRaceDetector = false
