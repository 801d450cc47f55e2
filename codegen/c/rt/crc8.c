// CRC-8, polynomial 0x07, most significant bit first, from a start value.
static uint8_t crc8(uint8_t crc, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        crc = (uint8_t)(crc ^ bytes[i]);
        for (uint8_t bit = 0; bit < 8u; bit++) {
            crc = (uint8_t)((crc & 0x80u) != 0u ? ((uint32_t)crc << 1) ^ 0x07u : (uint32_t)crc << 1);
        }
    }
    return crc;
}
