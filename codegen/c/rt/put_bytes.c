// Whole bytes, from the next whole byte.
static void put_bytes(struct writer *w, const uint8_t *bytes, uint32_t n)
{
    align_out(w);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t to = (w->at >> 3) + i;
        if (to < w->size) {
            w->bytes[to] = bytes[i];
        }
    }
    w->at += n * 8u;
}
