package support

// made is the outstanding call that was made with these very arguments: not such as are equal to them, but the same memory.
func (c *caller) made(args []byte) *pending {
	for _, p := range c.lanes {
		if &p.args[:1][0] == &args[:1][0] {
			return p
		}
	}
	return nil
}
