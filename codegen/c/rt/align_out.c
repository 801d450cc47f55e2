static void align_out(struct writer *w)
{
    w->at = (w->at + 7u) & ~(uint32_t)7u;
}
