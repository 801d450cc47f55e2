// On to the next whole byte; the bits between are zero.
static void align_in(struct reader *r)
{
    if (get(r, (uint8_t)((8u - (r->at & 7u)) & 7u)) != 0u) {
        refuse(r, FAULT_VALUE);
    }
}
