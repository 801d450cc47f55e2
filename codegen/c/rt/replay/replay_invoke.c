static void replay_invoke(uint8_t fn, const uint8_t *bytes, size_t n)
{
    replay_action("invoke %u ", (unsigned)fn);
    replay_hex(bytes, n);
}
