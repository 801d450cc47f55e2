// Why a datagram is refused; FAULT_NONE where it is sound.
enum { FAULT_NONE, FAULT_LENGTH, FAULT_KIND, FAULT_CHECKSUM, FAULT_VALUE };

// A buffer that is read bit by bit, most significant first. The first fault stays.
struct reader {
    const uint8_t *bytes;
    uint32_t size; // bytes
    uint32_t at;   // bits
    uint8_t fault;
};

static void refuse(struct reader *r, uint8_t fault)
{
    if (r->fault == FAULT_NONE) {
        r->fault = fault;
    }
}
