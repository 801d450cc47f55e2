// Encoded bytes that stand elsewhere: arguments or an answer.
struct view {
    const uint8_t *bytes;
    uint16_t size;
};
