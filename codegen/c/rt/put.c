static void put(struct writer *w, uint32_t value, uint8_t bits)
{
    while (bits > 0u) {
        uint32_t i = w->at >> 3;
        uint32_t shift = 7u - (w->at & 7u);
        bits--;
        if (i < w->size) {
            uint32_t kept = shift == 7u ? 0u : w->bytes[i];
            w->bytes[i] = (uint8_t)(kept | ((value >> bits & 1u) << shift));
        }
        w->at++;
    }
}
