static void replay_persist(const char *record, size_t n, const uint32_t *values)
{
    replay_action("persist %s", record);
    for (size_t i = 0; i < n; i++) {
        replay_more(" %" PRIu32, values[i]);
    }
}
