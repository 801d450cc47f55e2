// A buffer that is filled bit by bit, most significant first. What does not fit is counted and not stored.
struct writer {
    uint8_t *bytes;
    uint32_t size; // bytes
    uint32_t at;   // bits
};
