// How many whole bytes were put into a buffer; 0 where it was too small for them.
static uint32_t filled(const struct writer *w)
{
    uint32_t n = (w->at + 7u) >> 3;
    return n <= w->size ? n : 0u;
}
