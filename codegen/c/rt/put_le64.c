static void put_le64(struct writer *w, uint64_t value)
{
    put_le(w, (uint32_t)value, 4);
    put_le(w, (uint32_t)(value >> 32), 4);
}
