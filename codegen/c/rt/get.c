static uint32_t get(struct reader *r, uint8_t bits)
{
    uint32_t value = 0;
    while (bits > 0u) {
        uint32_t i = r->at >> 3;
        bits--;
        if (i >= r->size) {
            refuse(r, FAULT_LENGTH);
            return 0;
        }
        value = value << 1 | (r->bytes[i] >> (7u - (r->at & 7u)) & 1u);
        r->at++;
    }
    return value;
}
