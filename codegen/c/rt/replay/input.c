static char line[LONGEST];
static char *rest;
static uint8_t input[LONGEST / 2];
static bool first_word;

// The next word of the line; the empty one at its end.
static char *next_word(void)
{
    char *word;
    rest += strspn(rest, " \r\n");
    word = rest;
    rest += strcspn(rest, " \r\n");
    if (*rest != '\0') {
        *rest = '\0';
        rest++;
    }
    return word;
}

static uint32_t number(void)
{
    return (uint32_t)strtoul(next_word(), NULL, 10);
}

// Reads bytes in hexadecimal, at most max; "-" is none.
static size_t bytes_in(uint8_t *to, size_t max)
{
    static const char digits[] = "0123456789abcdef";
    const char *word = next_word();
    size_t n = 0;
    if (strcmp(word, "-") == 0) {
        return 0;
    }
    while (n < max && word[2u * n] != '\0' && word[2u * n + 1u] != '\0') {
        const char *high = strchr(digits, word[2u * n]);
        const char *low = strchr(digits, word[2u * n + 1u]);
        if (high == NULL || low == NULL) {
            break;
        }
        to[n] = (uint8_t)((high - digits) * 16 + (low - digits));
        n++;
    }
    return n;
}

static void word_out(uint32_t value)
{
    printf("%s%" PRIu32, first_word ? "" : " ", value);
    first_word = false;
}

static void bytes_out(const uint8_t *bytes, size_t n)
{
    printf("%s%s", first_word ? "" : " ", n == 0u ? "-" : "");
    for (size_t i = 0; i < n; i++) {
        printf("%02x", bytes[i]);
    }
    first_word = false;
}
