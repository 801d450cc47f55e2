int main(void)
{
    static struct peer c;
    while (fgets(line, sizeof line, stdin) != NULL) {
        const char *event;
        rest = line;
        event = next_word();
        memset(&c, 0, sizeof c);
        c.now = number();
        c.state = STATE_INSIDE;
        load_state(&c);
        if (strcmp(next_word(), ";") != 0) {
            fputs("a line's state is not that of this machine\n", stderr);
            return 2;
        }
        actions_size = 0;
        actions[0] = '\0';
        if (!apply(&c, event)) {
            fprintf(stderr, "there is no event %s\n", event);
            return 2;
        }
        first_word = true;
        print_state(&c);
        printf("%s\n", actions);
        if (fflush(stdout) != 0) {
            return 2;
        }
    }
    return 0;
}
