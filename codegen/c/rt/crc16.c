// CRC-16, polynomial 0x1021, most significant bit first, from a start value.
static uint16_t crc16(uint16_t crc, const uint8_t *bytes, size_t n)
{
    uint32_t sum = crc;
    for (size_t i = 0; i < n; i++) {
        sum ^= (uint32_t)bytes[i] << 8;
        for (uint8_t bit = 0; bit < 8u; bit++) {
            sum <<= 1;
            if ((sum & 0x10000u) != 0u) {
                sum ^= 0x11021u;
            }
        }
    }
    return (uint16_t)sum;
}
