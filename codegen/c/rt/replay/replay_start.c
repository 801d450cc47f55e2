static void replay_start(const char *timer, uint32_t ms)
{
    replay_action("start %s %" PRIu32, timer, ms);
}
