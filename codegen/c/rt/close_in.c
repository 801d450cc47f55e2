// What was wrong with a buffer that was to be read to its end.
static uint8_t close_in(struct reader *r)
{
    align_in(r);
    if (r->at >> 3 != r->size) {
        refuse(r, FAULT_LENGTH);
    }
    return r->fault;
}
