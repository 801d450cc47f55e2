static char actions[LONGEST];
static size_t actions_size;

static void replay_text(const char *format, va_list args)
{
    int n = vsnprintf(actions + actions_size, sizeof actions - actions_size, format, args);
    if (n < 0 || (size_t)n >= sizeof actions - actions_size) {
        fputs("too many actions\n", stderr);
        exit(3);
    }
    actions_size += (size_t)n;
}

static void replay_more(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    replay_text(format, args);
    va_end(args);
}

// Begins the next action.
static void replay_action(const char *format, ...)
{
    va_list args;
    replay_more(" ; ");
    va_start(args, format);
    replay_text(format, args);
    va_end(args);
}

static void replay_hex(const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        replay_more("%02x", bytes[i]);
    }
    if (n == 0u) {
        replay_more("-");
    }
}
