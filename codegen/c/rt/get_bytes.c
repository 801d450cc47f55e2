static void get_bytes(struct reader *r, uint8_t *bytes, uint32_t n)
{
    align_in(r);
    for (uint32_t i = 0; i < n; i++) {
        bytes[i] = (uint8_t)get(r, 8);
    }
}
