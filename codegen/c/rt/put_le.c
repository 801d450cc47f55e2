// Least significant byte first, from the next whole byte.
static void put_le(struct writer *w, uint32_t value, uint8_t bytes)
{
    align_out(w);
    for (uint8_t i = 0; i < bytes && i < 4u; i++) {
        put(w, value & 0xffu, 8);
        value >>= 8;
    }
}
