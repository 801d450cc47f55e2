static void replay_complete(uint8_t outcome, uint8_t fn, const uint8_t *bytes, size_t n)
{
    replay_action("complete %u %u ", (unsigned)outcome, (unsigned)fn);
    replay_hex(bytes, n);
}
