static uint32_t get_le(struct reader *r, uint8_t bytes)
{
    uint32_t value = 0;
    align_in(r);
    for (uint8_t i = 0; i < bytes && i < 4u; i++) {
        value |= get(r, 8) << (8u * i);
    }
    return value;
}
