package faultlink

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// FreePort is a UDP port of the loopback that nobody uses now, for a peer that takes it again at each start. It is below
// the ports that systems give out on their own (32768 and up on Linux), so that none of those is on it in between.
func FreePort() (string, error) {
	const first, many, attempts = 20_000, 10_000, 100
	var last error
	for range attempts {
		port := first + rand.IntN(many)
		c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		if err == nil {
			return strconv.Itoa(port), c.Close()
		}
		last = err
	}
	return "", fmt.Errorf("no free port: %w", last)
}
