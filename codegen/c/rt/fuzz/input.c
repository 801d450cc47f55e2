// Where anything comes from: bytes of the input, and zeros when they are over.
struct fuzz_stream {
    const uint8_t *at;
    size_t left;
};

static struct fuzz_stream fuzz_input; // the steps that are still to come
static struct fuzz_stream fuzz_steps; // what the present step draws
static struct fuzz_stream fuzz_hooks; // what the port and the hooks draw

static uint8_t fuzz_byte(struct fuzz_stream *s)
{
    uint8_t byte = 0;
    if (s->left > 0u) {
        byte = *s->at;
        s->at++;
        s->left--;
    }
    return byte;
}

// A number: below 0xf8 it is a byte; else that says how many bytes behind it are the number, the least significant first.
static uint64_t fuzz_any(struct fuzz_stream *s)
{
    uint8_t first = fuzz_byte(s);
    uint64_t value = 0;
    if (first < 0xf8u) {
        return first;
    }
    for (uint32_t i = 0; i <= first - 0xf8u; i++) {
        value |= (uint64_t)fuzz_byte(s) << (8u * i);
    }
    return value;
}

static inline double fuzz_float(struct fuzz_stream *s)
{
    uint64_t bits = fuzz_any(s);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline void fuzz_fill(struct fuzz_stream *s, uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bytes[i] = fuzz_byte(s);
    }
}

// Cuts off what comes first, at most n bytes.
static struct fuzz_stream fuzz_cut(struct fuzz_stream *s, uint64_t n)
{
    struct fuzz_stream first = *s;
    if (n < first.left) {
        first.left = (size_t)n;
    }
    s->at += first.left;
    s->left -= first.left;
    return first;
}
