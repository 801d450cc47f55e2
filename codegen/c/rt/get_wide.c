static uint64_t get_wide(struct reader *r, uint8_t bits)
{
    uint64_t value = 0;
    if (bits > 32u) {
        value = (uint64_t)get(r, (uint8_t)(bits - 32u)) << 32;
        bits = 32;
    }
    return value | get(r, bits);
}
