static void replay_cancel(const char *timer)
{
    replay_action("cancel %s", timer);
}
