static void replay_note(const char *what, uint8_t fn)
{
    replay_action("note %s %u", what, (unsigned)fn);
}
