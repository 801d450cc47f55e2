static uint64_t get_le64(struct reader *r)
{
    uint64_t low = get_le(r, 4);
    return low | (uint64_t)get_le(r, 4) << 32;
}
