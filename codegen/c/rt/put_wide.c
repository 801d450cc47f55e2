static void put_wide(struct writer *w, uint64_t value, uint8_t bits)
{
    if (bits > 32u) {
        put(w, (uint32_t)(value >> 32), (uint8_t)(bits - 32u));
        bits = 32;
    }
    put(w, (uint32_t)value, bits);
}
